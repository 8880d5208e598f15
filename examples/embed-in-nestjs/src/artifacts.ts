/** Where recordings, transcripts and summaries are. As a provider it may ask any other service of the app. */
import { Injectable } from '@nestjs/common';
import type { ArtifactSource, FetchedArtifacts } from '@topcalls/webhooks/activities';

@Injectable()
export class Artifacts implements ArtifactSource {
  async fetch({ callId }: { readonly callId: string }): Promise<FetchedArtifacts> {
    return {
      recording: { status: 'ready', value: `https://recordings.example.com/${callId}.mp3` },
      transcript: { status: 'ready', value: [] },
      summary: { status: 'unavailable', reason: 'this account has no summaries' },
    };
  }
}
