/** Looks at the delivery log: does it answer, has it our schema, and does it lack closed runs. */
import type { Client } from '@temporalio/client';
import { unrecordedRuns } from '../../../client/unrecorded-runs.ts';
import { given } from '../../../contract/given.ts';
import { type Env, filled } from '../../../temporal-server/env.ts';
import { namesDatabase, withLog, type DbTarget } from '../db/open.ts';
import { attempt } from './attempt.ts';
import type { Facts } from './facts.ts';

/** Never rejects: what is wrong is part of the answer. Without a client, closed runs are not compared. */
export async function lookAtDatabase(
  target: DbTarget,
  env: Env,
  { client, since, say }: { readonly client?: Client; readonly since: string; readonly say: (line: string) => void },
): Promise<Facts['database']> {
  if (!namesDatabase(target, env)) {
    const isNone = filled(target.url ?? env['TOPCALLS_DATABASE_URL']) === 'none';
    return {
      is: 'unset',
      words: isNone ? 'none: outcomes are recorded nowhere' : 'TOPCALLS_DATABASE_URL is not set here',
    };
  }
  say('looking at the delivery log');
  return attempt(() =>
    withLog(target, env, async ({ log, place }) => {
      const { pending, unknown } = await log.schemaStatus();
      const unrecorded =
        client === undefined || pending.length > 0 ? undefined : await unrecordedRuns(client, log, since);
      return { place, pending, unknown, ...given({ unrecorded }) };
    }),
  );
}
