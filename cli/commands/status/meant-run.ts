/** Finds the run that a person means by what they have at hand: any id, or an address of the Web UI. */
import type { Client } from '@temporalio/client';
import { WebhookNotFoundError } from '../../../client/errors.ts';
import { shellWord } from '../../../client/shell-word.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { OpenClient } from '../../environment/open-client.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { handleMaker } from '../control/targets.ts';
import { inLog } from '../db/no-such-webhook.ts';
import { namesDatabase, withLog } from '../db/open.ts';
import { RUN_ID, WEBHOOK_ID, type PastedId } from '../pasted-id.ts';
import { type NamedRun, runWithRunId, runWithWebhookId } from './find-run.ts';
import { inWords } from './reading.ts';

/** Reads what `id` means. `read` gets its handle, and the run's id unless the latest run is meant. An id is a call id
 *  or a workflow id first. A run id or a webhook id is looked for only if there is no such call. */
export async function readMeant<T>(
  { id, runId }: PastedId,
  open: OpenClient,
  terminal: Terminal,
  read: (handle: WebhookHandle, runId: string | undefined) => Promise<T>,
): Promise<T> {
  const handle = handleMaker(id)(open.webhooks);
  try {
    return await read(handle, runId);
  } catch (error) {
    const run =
      error instanceof WebhookNotFoundError && runId === undefined
        ? await inWords(open.client, `looking for ${id}`, () => otherwise(id, open.client, terminal))
        : undefined;
    if (run === undefined) throw notFound(error, handle, runId);
    return read(handleMaker(run.workflowId)(open.webhooks), run.runId);
  }
}

/** Where else to look. Of a run id that its webhook does not have, nothing says that the webhook is missing. */
export function notFound(error: unknown, { workflowId }: WebhookHandle, runId: string | undefined): unknown {
  if (!(error instanceof WebhookNotFoundError)) return error;
  const words =
    runId === undefined
      ? `${error.message} The log: topcalls-webhooks db list ${inLog(workflowId)}`
      : `${workflowId} has no run ${runId}, or retention has removed it. topcalls-webhooks status ` +
        `${shellWord(workflowId)} shows the latest run, and names earlier ones`;
  return new CliError(error.code, EXIT.failed, words, { cause: error });
}

async function otherwise(id: string, client: Client, terminal: Terminal): Promise<NamedRun | undefined> {
  if (RUN_ID.test(id)) return runWithRunId(client, id.toLowerCase());
  if (!WEBHOOK_ID.test(id)) return undefined;
  const recorded = await recordedRun(id, terminal);
  if (recorded !== undefined) return recorded;
  const { run, looked, unread } = await runWithWebhookId(client, id, (count) =>
    terminal.live(`looking for ${id}: ${count} runs`),
  ).finally(() => terminal.live(''));
  if (run === undefined && unread > 0) throw notSeen(id, looked, unread);
  return run;
}

/** "Not found" would be wrong: nobody looked into all runs. */
function notSeen(id: string, looked: number, unread: number): CliError {
  const words =
    `${unread} of the ${looked} latest runs could not be read, and ${id} is in none of the others. ` +
    "Give this command the worker's encryption keys, or look in the delivery log (db show).";
  return new CliError('unreadable_run', EXIT.failed, words);
}

/** The log knows the run of a webhook id, if a log is named. It need not answer: Temporal is asked next. */
async function recordedRun(webhookId: string, terminal: Terminal): Promise<NamedRun | undefined> {
  if (!namesDatabase({}, terminal.env)) return undefined;
  const records = await withLog({}, terminal.env, ({ log }) => log.show(webhookId)).catch(() => []);
  return records.at(-1);
}
