/** The host's side, the same for all contestants: artifacts that are ready, one secret, and a log in memory. */
import { PAGE_ARTIFACTS } from '../../cli/demo/page-sample.ts';
import { SECRET } from '../../test/support/builders.ts';
import type { Artifacts } from './job.ts';

export type Ports = {
  readonly fetchArtifacts: (callId: string) => Promise<Artifacts>;
  readonly secretOf: (ref: string) => Promise<string>;
  readonly record: (callId: string, status: number) => Promise<void>;
};

/** Each call has its artifacts at once, as after 15 s most have. */
export function artifactsOf(): typeof PAGE_ARTIFACTS {
  return structuredClone(PAGE_ARTIFACTS);
}

/** `onRecord` is called for each record. */
export function referencePorts(onRecord: () => void): Ports {
  const log = new Map<string, number>();
  return {
    fetchArtifacts: async () => {
      const { recording, transcript, summary } = artifactsOf();
      return { recording: recording.value, transcript: transcript.value, summary: summary.value };
    },
    secretOf: async () => SECRET,
    record: async (callId, status) => {
      log.set(callId, status);
      onRecord();
    },
  };
}
