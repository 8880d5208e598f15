/**
 * The stage of soak and topology: PostgreSQL, the customers' servers, the engine's artifacts API, one signing secret,
 * and the settings of the built command. They choose the Temporal server themselves.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startArtifactsApi } from './artifacts-api.ts';
import { startCustomerServers } from './customer-servers.ts';
import type { CustomerServers } from './customer-servers.ts';
import { startPostgres } from './postgres.ts';
import type { PostgresOptions, TestPostgres } from './postgres.ts';
import type { SystemRun } from './system-run.ts';

/** The one reference in the secrets file. */
export const SECRET_REF = 'main';

export type SystemStage = {
  readonly postgres: TestPostgres;
  readonly customers: CustomerServers;
  /** Settings of the built command, except for those of Temporal. */
  readonly settings: Readonly<
    Record<'TOPCALLS_ARTIFACTS_URL' | 'TOPCALLS_SECRETS_FILE' | 'TOPCALLS_DATABASE_URL', string>
  >;
};

/** Opens the stage in the run's folder. It closes with the run. */
export async function openSystemStage(
  run: SystemRun,
  { postgres: options, seed }: { readonly postgres: PostgresOptions; readonly seed: number },
): Promise<SystemStage> {
  run.say('PostgreSQL: a new cluster');
  const postgres = await startPostgres({ ...options, folder: run.folder });
  run.closers.push(() => postgres.close());
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const secretsFile = join(run.folder, 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify({ [SECRET_REF]: secret }), { mode: 0o600 });
  const artifacts = await startArtifactsApi();
  run.closers.push(() => artifacts.close());
  return {
    postgres,
    customers: await startCustomerServers(run, { seed, secret }),
    settings: {
      TOPCALLS_ARTIFACTS_URL: artifacts.url,
      TOPCALLS_SECRETS_FILE: secretsFile,
      TOPCALLS_DATABASE_URL: postgres.url,
    },
  };
}
