/** Runs `erase`. */
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { factsOf, REQUEST_TIMEOUT_MS } from '../../../client/deadlines.ts';
import { clientErrorOf } from '../../../client/errors.ts';
import { listedRuns, OUR_TYPES, quoted } from '../../../client/runs-of-workflow.ts';
import { given } from '../../../contract/given.ts';
import { ATTRIBUTES } from '../../../contract/names.ts';
import { searchableId } from '../../../contract/workflow-id.ts';
import { filled, type Env } from '../../../temporal-server/env.ts';
import { type OpenClient, withClient } from '../../environment/open-client.ts';
import { countOutcomes } from '../../process/count-outcomes.ts';
import { EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import { catchInterrupts } from '../../process/interrupts.ts';
import { progressLine } from '../../process/progress-line.ts';
import { tabbed } from '../../process/tabbed.ts';
import type { Terminal } from '../../process/terminal.ts';
import { chosen } from '../control/targets.ts';
import { withLog, type DbTarget } from '../db/open.ts';
import { eraseWebhook, wouldErase, type ErasedWebhook } from './erase-webhook.ts';
import { listed, type Places } from './find-erasable.ts';
import { NOT_REACHED, receiptOf } from './receipt.ts';

/** Options of `erase`. */
export type EraseOptions = DbTarget & {
  readonly account?: string;
  readonly namespace?: string;
  /** Seconds. */
  readonly wait: number;
  readonly yes: boolean;
  readonly json: boolean;
};

/** Erases what was named. Rejects with CliError. Resolves with 1 if something could not be deleted. */
export async function runErase(ids: readonly string[], options: EraseOptions, terminal: Terminal): Promise<ExitCode> {
  const { account } = options;
  if ((account === undefined) === (ids.length === 0))
    throw usageError('erase what? Name call ids, or --account <id>, and not both; erase --help shows both');
  const choice = ids.length === 0 ? undefined : chosen('cancel', ids, {});
  const namespace = options.namespace ?? (choice?.by === 'id' ? choice.namespace : undefined);
  return withLogOrNone(options, terminal.env, async (log, place) =>
    withClient(terminal.env, namespace, async (open) => {
      // Asked first: a log that is down must not be found out after the runs are gone.
      await log?.list({ limit: 1 });
      const places: Places = { client: open.client, log };
      const workflowIds =
        choice?.by === 'id'
          ? choice.handlesOf(open.webhooks).map(({ workflowId }) => workflowId)
          : await ofAccount(places, String(account), terminal);
      return eraseAll(places, workflowIds, { options, terminal, open, place });
    }),
  );
}

type Work = {
  readonly options: EraseOptions;
  readonly terminal: Terminal;
  readonly open: OpenClient;
  readonly place: string;
};

/** Webhooks that are erased side by side. */
const AT_ONCE = 20;

async function eraseAll(places: Places, workflowIds: readonly string[], work: Work): Promise<ExitCode> {
  const { options, terminal, open, place } = work;
  const dryRun = !options.yes;
  const items: ErasedWebhook[] = [];
  const startedAt = Date.now();
  const interrupts = catchInterrupts();
  try {
    const rest = workflowIds.values();
    // Most of the time goes into waiting for the server, so several webhooks are erased side by side.
    const eraseNext = async (): Promise<void> => {
      for (const workflowId of rest) {
        if (interrupts.signal.aborted) return;
        const item = await (dryRun
          ? wouldErase(places, workflowId)
          : eraseWebhook(places, workflowId, options.wait * 1_000));
        items.push(item);
        if (!options.json) terminal.data(tabbed(workflowId, item.outcome, item.words, item.hosts.join(' ')));
        terminal.live(progressLine(items.length, workflowIds.length, Date.now() - startedAt));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, eraseNext));
  } finally {
    interrupts.release();
  }
  const { counts, words } = countOutcomes(items, ['erased', 'would', 'nothing', 'failed']);
  const at = new Date().toISOString();
  const { namespace, address } = open;
  const left = workflowIds.length - items.length;
  const where = { at, namespace, address, log: place, ...given({ account: options.account }) };
  if (options.json) terminal.data(receiptOf(where, items, { dryRun, counts, left }));
  const untouched = left === 0 ? '' : `; ${left} left untouched`;
  terminal.say(
    `${at}, namespace ${namespace} at ${address}, log ${place}: ${words === '' ? 'nothing found' : words}${untouched}`,
  );
  if (dryRun && counts.would > 0) terminal.say('nothing was changed: add --yes to delete');
  if (!dryRun && counts.erased > 0) for (const each of NOT_REACHED) terminal.say(`not reached: ${each}`);
  if (interrupts.signal.aborted) return EXIT.interrupted;
  return counts.failed > 0 ? EXIT.failed : EXIT.ok;
}

/** `none` is a choice that is made in words, as for the worker. */
async function withLogOrNone<T>(
  target: DbTarget,
  env: Env,
  use: (log: PostgresDeliveryLog | undefined, place: string) => Promise<T>,
): Promise<T> {
  if (filled(target.url ?? env['TOPCALLS_DATABASE_URL']) === 'none') return use(undefined, 'none');
  return withLog(target, env, ({ log, place }) => use(log, place));
}

/** The workflow ids of an account, by the search attribute and by the log. Rejects when the server does not know the
 *  attribute: its runs could not be found, and a receipt would be wrong. */
async function ofAccount({ client, log }: Places, account: string, terminal: Terminal): Promise<readonly string[]> {
  const found = new Set<string>();
  const query = `${ATTRIBUTES.accountId} = ${quoted(searchableId(account))} AND ${OUR_TYPES}`;
  try {
    for (const { workflowId } of await listedRuns(client, query, Infinity)) found.add(workflowId);
  } catch (error) {
    const what = `listing the runs of account ${account}`;
    throw clientErrorOf(error, factsOf(client, { what, kind: 'read', timeoutMs: REQUEST_TIMEOUT_MS }));
  }
  terminal.live(`looking: ${found.size} webhooks on the server`);
  if (log !== undefined) for await (const { workflowId } of listed(log, { accountId: account })) found.add(workflowId);
  terminal.live('');
  return [...found];
}
