/** Runs `status`. */
import type { Client } from '@temporalio/client';
import { UnreadableRunError, WebhookNotFoundError } from '../../../client/errors.ts';
import { statusOf, whoEnded } from '../../../client/fold-run.ts';
import { readRun } from '../../../client/read-run.ts';
import type { WebhookClient } from '../../../client/webhook-client.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { WebhookStatus } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { handleMaker } from '../control/targets.ts';
import { namesDatabase, withLog } from '../db/open.ts';
import { readPasted, RUN_ID, WEBHOOK_ID, type PastedId } from '../pasted-id.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';
import { factsFor } from './facts.ts';
import { type NamedRun, runWithRunId, runWithWebhookId } from './find-run.ts';
import { inWords, reading } from './reading.ts';
import { statusInWords } from './words.ts';

/** Options of `status`. */
export type StatusOptions = { readonly namespace?: string; readonly json: boolean };

/** Prints where a webhook stands. Rejects with CliError or WebhookNotFoundError. */
export async function runStatus(text: string, options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const pasted = readPasted(text);
  const namespace = options.namespace ?? pasted.namespace;
  return withClient(terminal.env, namespace, async (open) => {
    const { client } = open;
    const { status, runId } = await meant(pasted, open, terminal);
    if (options.json) terminal.data(JSON.stringify(status, undefined, 2));
    else terminal.data(statusInWords(status, { ...(await factsFor(client, status, runId)), ...given({ namespace }) }));
    return EXIT.ok;
  });
}

/** A status, and the run it is of, if that is not the latest one. */
type Meant = { readonly status: WebhookStatus; readonly runId?: string };
type Open = { readonly client: Client; readonly webhooks: WebhookClient };

/** An id is a call id or a workflow id first. A run id or a webhook id is looked for only if there is no such call. */
async function meant({ id, runId }: PastedId, open: Open, terminal: Terminal): Promise<Meant> {
  const handle = handleMaker(id)(open.webhooks);
  if (runId !== undefined) return ofRun(open, handle, { workflowId: handle.workflowId, runId });
  try {
    return { status: await handle.status() };
  } catch (error) {
    const run =
      error instanceof WebhookNotFoundError
        ? await inWords(open.client, `looking for ${id}`, () => otherwise(id, open.client, terminal))
        : undefined;
    if (run === undefined) throw error;
    return ofRun(open, handleMaker(run.workflowId)(open.webhooks), run);
  }
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

/** The status of one run. If it is the latest of its id, the handle knows more. */
async function ofRun({ client }: Open, handle: WebhookHandle, { workflowId, runId }: NamedRun): Promise<Meant> {
  const latest = await reading(client, workflowId, () => client.workflow.getHandle(workflowId).describe());
  if (latest.runId === runId) return { status: await handle.status() };
  const run = await reading(client, workflowId, () => readRun(client, workflowId, runId));
  const status = statusOf(run);
  if (status === undefined) throw new UnreadableRunError(workflowId);
  return { status: { ...status, ...whoEnded(run) }, runId };
}
