/** What is made of a completed call after its end: recording, transcript, summary. Pure data. */

/** The three artifacts, in the order in which bodies and statuses name them. */
export const ARTIFACT_NAMES = ['recording', 'transcript', 'summary'] as const;
