/** The host's own `ArtifactSource`. This example invents the artifacts; a real host queries its database. */

/** @type {import('@topcalls/webhooks/activities').ArtifactSource} */
export const callArtifacts = {
  fetch: async ({ callId }) => ({
    recording: { status: 'ready', value: `https://recordings.example.com/${callId}.mp3` },
    // The run asks again for 'pending' ones, for a minute. 'unavailable' is final.
    transcript: { status: 'unavailable', reason: 'this host transcribes nothing' },
    summary: { status: 'ready', value: 'The appointment was confirmed.' },
  }),
};
