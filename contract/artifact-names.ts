/** The artifacts: recording, transcript and summary, which are made after a completed call. Pure data. */

/** The three artifacts, in the order in which bodies and statuses name them. */
export const ARTIFACT_NAMES = ['recording', 'transcript', 'summary'] as const;
