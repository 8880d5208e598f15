/** Looks at the delivery log: does it answer, has it our schema, and does it lack closed runs. */
import type { Client } from '@temporalio/client';
import { PostgresDeliveryLogError } from '../../../adapters/index.ts';
import { type ListableLog, unrecordedRuns } from '../../../client/unrecorded-runs.ts';
import { type Env, filled } from '../../../temporal-server/env.ts';
import { namesDatabase, withLog, type DbTarget } from '../db/open.ts';
import { attempt, problemOf, unreadOf } from './attempt.ts';
import type { DatabaseSeen, Facts } from './facts.ts';

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
      const seen = { place, pending, unknown };
      if (client === undefined || pending.length > 0) return seen;
      return { ...seen, ...(await lookAtClosedRuns(client, log, since)) };
    }),
  );
}

/** Compares the closed runs with the log. If Temporal fails meanwhile, that is no problem of the log. Rejects with the
 *  log's error. */
export async function lookAtClosedRuns(
  client: Client,
  log: ListableLog,
  since: string,
): Promise<Pick<DatabaseSeen, 'unrecorded' | 'unread'>> {
  try {
    return { unrecorded: await unrecordedRuns(client, log, since) };
  } catch (error) {
    if (error instanceof PostgresDeliveryLogError) throw error;
    return { unread: unreadOf('closed runs', problemOf(error)) };
  }
}
