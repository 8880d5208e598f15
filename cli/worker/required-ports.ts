/** The ports that TOPCALLS_READY_REQUIRES names, each with the question that tells whether it is up. */
import type { ArtifactSource } from '../../activities/ports/artifact-source.ts';
import type { PostgresDeliveryLog } from '../../adapters/postgres/delivery-log.ts';
import type { RequiredPort } from '../environment/worker-variables.ts';
import type { SecretsFile } from '../environment/secrets-file.ts';

/** The worker's ports, as far as it has them. */
export type Ports = {
  readonly artifacts: ArtifactSource;
  readonly secrets: SecretsFile | undefined;
  readonly log: PostgresDeliveryLog | undefined;
};

/** No call has this id, so the source has nothing for it. 404 is an answer. */
const NO_CALL = 'topcalls-readiness';
const ALL = { recording: true, transcript: true, summary: true } as const;
const FETCH_MS = 4_000;

/** One question for each required port. It resolves while the port is up. */
export function requiredPorts(
  names: readonly RequiredPort[],
  { artifacts, secrets, log }: Ports,
): Readonly<Record<string, () => unknown>> {
  const questions: Readonly<Record<RequiredPort, () => unknown>> = {
    artifacts: () => artifacts.fetch({ callId: NO_CALL, expects: ALL, signal: AbortSignal.timeout(FETCH_MS) }),
    secrets: () => {
      if (secrets?.isUsable === false) throw new SecretsFileError();
    },
    log: () => log?.list({ limit: 1 }),
  };
  return Object.fromEntries(names.map((name) => [name, questions[name]]));
}

/** The worker's line `worker.secrets_kept` names the file and what is wrong; a probe need not. */
class SecretsFileError extends Error {
  readonly code = 'secrets_file';
  readonly safeToLog = true;
  constructor() {
    super('changed, and cannot be used; the worker signs with the secrets of before (worker.secrets_kept)');
    this.name = 'SecretsFileError';
  }
}
