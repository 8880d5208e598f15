/**
 * The activities of the workflow `webhookMaintenance`: they reconcile and prune the delivery log as the commands do.
 * They stand here and not in activities/, because reconciling is the client's, and no other room may load both.
 */
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { PostgresDeliveryLog } from '../../adapters/index.ts';
import { WebhookClient } from '../../client/webhook-client.ts';
import {
  MAINTENANCE_FAILED,
  type MaintenanceActivities,
  type MaintenanceInput,
  type MaintenanceOutcome,
} from '../../contract/maintenance.ts';
import { reconciledCounts } from '../commands/reconcile/counts.ts';
import { counted } from '../process/counted.ts';

const HEARTBEAT_MS = 30_000;

/** Makes the activities. Without a log they fail for good, and say so. */
export function maintenanceActivities(log: PostgresDeliveryLog | undefined, logger: Logger): MaintenanceActivities {
  const maintain =
    (work: (log: PostgresDeliveryLog, input: MaintenanceInput) => Promise<MaintenanceOutcome>) =>
    async (input: MaintenanceInput): Promise<MaintenanceOutcome> => {
      if (log === undefined) throw failed(NO_LOG, true);
      const { words, ...outcome } = await beating(() => work(log, input));
      logger.info({ ...outcome }, `worker.maintained: ${words}`);
      return { ...outcome, words };
    };
  return { reconcileDeliveryLog: maintain(reconcile), pruneDeliveryLog: maintain(prune) };
}

const NO_LOG =
  'this worker has no delivery log (TOPCALLS_DATABASE_URL=none): name a database, ' +
  'or remove the schedules with topcalls-webhooks setup --remove-maintenance';

async function reconcile(log: PostgresDeliveryLog, input: MaintenanceInput): Promise<MaintenanceOutcome> {
  if (input.job !== 'reconcile' || !isSpan(input.sinceMs)) throw failed('sinceMs must be a number of ms', true);
  const context = Context.current();
  const since = new Date(Date.now() - input.sinceMs);
  // Asked first: without a closed run the log is not needed, and a log that is down would look healthy.
  await log.list({ limit: 1 });
  const items = await new WebhookClient(context.client).reconcile(log, {
    since,
    onProgress: (progress) => context.heartbeat(progress),
  });
  const { counts, words, isIncomplete } = reconciledCounts(items);
  const all = `closed runs since ${since.toISOString()}: ${words}`;
  if (isIncomplete) throw failed(`${all}; topcalls-webhooks reconcile says which, and why`, true);
  return { job: 'reconcile', words: all, counts };
}

async function prune(log: PostgresDeliveryLog, input: MaintenanceInput): Promise<MaintenanceOutcome> {
  // A span of 0 would empty the log.
  if (input.job !== 'prune' || !isSpan(input.olderThanMs) || input.olderThanMs < DAY_MS)
    throw failed('olderThanMs must be a number of ms, and at least a day', true);
  const { records, endedBefore } = await log.prune({ olderThanMs: input.olderThanMs });
  const words = `deleted ${counted(records, 'record')} of deliveries that ended before ${endedBefore}`;
  return { job: 'prune', words, counts: { records } };
}

const DAY_MS = 86_400_000;

function isSpan(ms: unknown): ms is number {
  return typeof ms === 'number' && Number.isFinite(ms) && ms > 0;
}

/** Does `work`, and shows the server that it goes on. A worker that stops does not wait for it: the next one begins
 *  anew, which is safe. Errors become failures without a stack. */
async function beating(work: () => Promise<MaintenanceOutcome>): Promise<MaintenanceOutcome> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  const working = work();
  // After a cancel nobody waits for it any more.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, context.cancelled]);
  } catch (error) {
    if (context.cancellationSignal.aborted || error instanceof ApplicationFailure) throw error;
    // Errors of the log and of the client hold no password and no value of a record.
    throw failed(error instanceof Error ? error.message : String(error), false);
  } finally {
    clearInterval(timer);
  }
}

function failed(message: string, nonRetryable: boolean): ApplicationFailure {
  const failure = ApplicationFailure.create({ type: MAINTENANCE_FAILED, nonRetryable, message });
  failure.stack = '';
  return failure;
}
