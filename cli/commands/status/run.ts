/** Runs `status`. */
import type { Client } from '@temporalio/client';
import { factsOf } from '../../../client/deadlines.ts';
import { clientErrorOf, UnreadableRunError, WebhookNotFoundError } from '../../../client/errors.ts';
import { foundRun } from '../../../client/find-webhooks.ts';
import { ignoredSignals, statusOf, whoEnded } from '../../../client/fold-run.ts';
import { readRun } from '../../../client/read-run.ts';
import type { RunFacts } from '../../../client/run-facts.ts';
import type { WebhookClient } from '../../../client/webhook-client.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { WebhookStatus } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { attemptsIn } from '../../../contract/retry-schedule.ts';
import { handleMaker } from '../control/targets.ts';
import { namesDatabase, withLog } from '../db/open.ts';
import { readPasted, RUN_ID, WEBHOOK_ID, type PastedId } from '../pasted-id.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';
import { type NamedRun, runsOfWorkflow, runWithRunId, runWithWebhookId } from './find-run.ts';
import { ignoredInWords } from './ignored.ts';
import { statusInWords, type StatusFacts } from './words.ts';

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
    const run = error instanceof WebhookNotFoundError ? await otherwise(id, open.client, terminal) : undefined;
    if (run === undefined) throw error;
    return ofRun(open, handleMaker(run.workflowId)(open.webhooks), run);
  }
}

async function otherwise(id: string, client: Client, terminal: Terminal): Promise<NamedRun | undefined> {
  if (RUN_ID.test(id)) return runWithRunId(client, id.toLowerCase());
  if (!WEBHOOK_ID.test(id)) return undefined;
  const recorded = await recordedRun(id, terminal);
  if (recorded !== undefined) return recorded;
  const found = await runWithWebhookId(client, id, (looked) => terminal.live(`looking for ${id}: ${looked} runs`));
  terminal.live('');
  return found;
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

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_EARLIER = 10;

/** What the words need besides the status. A server that is slow now costs only these facts. */
async function factsFor(client: Client, status: WebhookStatus, runId: string | undefined): Promise<StatusFacts> {
  const { workflowId } = status;
  const run = await reading(client, workflowId, () => readRun(client, workflowId, runId));
  const runs = await runsOfWorkflow(client, workflowId, MAX_EARLIER + 1).catch(() => []);
  const earlier = runs.map(foundRun).filter((each) => each.runId !== run.runId);
  const before = earlier.filter((each) => startOf(each) < startOf(runs.find((other) => other.runId === run.runId)));
  return {
    isOpen: run.status === 'RUNNING',
    ignored: ignoredSignals(run).map((signal) => ignoredInWords(signal, status)),
    earlier: before.map((each) => ({
      runId: each.runId,
      state: each.state,
      ...given({ endedAt: each.endedAt?.toISOString() }),
    })),
    nowMs: Date.now(),
    ...given({ runId, attemptsInAll: attemptsOf(run) }),
  };
}

function startOf(run: { readonly startedAt?: Date; readonly startTime?: Date } | undefined): number {
  return (run?.startedAt ?? run?.startTime)?.getTime() ?? Infinity;
}

function attemptsOf({ input }: RunFacts): number | undefined {
  const delays = input?.policy?.retryDelaysMs;
  return Array.isArray(delays) ? attemptsIn(delays) : undefined;
}

async function reading<T>(client: Client, workflowId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work);
  } catch (error) {
    const facts = { what: `reading ${workflowId}`, kind: 'read', timeoutMs: REQUEST_TIMEOUT_MS } as const;
    throw clientErrorOf(error, factsOf(client, facts));
  }
}
