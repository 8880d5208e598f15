/** The host's own `ArtifactSource`: here made up, in a real host a query of its database. */

/** @type {import('@topcalls/webhooks/activities').ArtifactSource} */
export const callArtifacts = {
  fetch: async ({ callId }) => ({
    recording: { status: 'ready', value: `https://recordings.example.com/${callId}.mp3` },
    // 'pending' is asked for again, for a minute; 'unavailable' is final.
    transcript: { status: 'unavailable', reason: 'this host transcribes nothing' },
    summary: { status: 'ready', value: 'The appointment was confirmed.' },
  }),
};
