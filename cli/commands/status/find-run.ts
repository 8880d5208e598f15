/** Finds the run that a person means by a run id or by a webhook id, which no handle knows. */
import type { Client } from '@temporalio/client';
import { inDeadline, isAboutOneRun } from '../../../client/deadlines.ts';
import { saysNotFound } from '../../../client/grpc-answers.ts';
import { readFacts } from '../../../client/history-facts.ts';
import { listedRuns, OUR_TYPES, quoted } from '../../../client/runs-of-workflow.ts';

/** One run of a workflow id. */
export type NamedRun = { readonly workflowId: string; readonly runId: string };

/** The run with this run id. Undefined if the namespace has none of ours. */
export async function runWithRunId(client: Client, runId: string): Promise<NamedRun | undefined> {
  const [run] = await listedRuns(client, `RunId = ${quoted(runId)} AND ${OUR_TYPES}`, 1);
  return run;
}

/** How many runs are looked through for a webhook id. Each is one small request. */
export const LOOKED_THROUGH = 1_000;
const AT_ONCE = 10;

/** What came of a search: the run, if there is one, how many were looked at, and how many of them could not be read. */
export type Search = { readonly run?: NamedRun; readonly looked: number; readonly unread: number };

/** The latest run with this webhook id, out of the latest thousand. The id is a hash, so only inputs can tell.
 *  Rejects with the SDK's error when the server no longer answers. */
export async function runWithWebhookId(
  client: Client,
  webhookId: string,
  onProgress: (looked: number) => void,
): Promise<Search> {
  const runs = await listedRuns(client, OUR_TYPES, LOOKED_THROUGH);
  let unread = 0;
  for (let at = 0; at < runs.length; at += AT_ONCE) {
    onProgress(at);
    const batch = runs.slice(at, at + AT_ONCE);
    const fits = await Promise.all(batch.map((run) => hasWebhook(client, run, webhookId)));
    unread += fits.filter((fit) => fit === undefined).length;
    const run = batch[fits.indexOf(true)];
    if (run !== undefined) return { run, looked: at + batch.length, unread };
  }
  return { looked: runs.length, unread };
}

/** Undefined when this one run cannot be read, for example without its key. */
async function hasWebhook(
  client: Client,
  { workflowId, runId }: NamedRun,
  webhookId: string,
): Promise<boolean | undefined> {
  try {
    const { history } = await inDeadline(client, () =>
      client.workflowService.getWorkflowExecutionHistory({
        namespace: client.options.namespace,
        execution: { workflowId, runId },
        maximumPageSize: 1,
      }),
    );
    const [first] = history?.events ?? [];
    if (first === undefined) return false;
    const { input } = await readFacts([first], workflowId, client.options.loadedDataConverter);
    const others = input?.redelivery?.alreadyEnded.map(({ endpoint }) => endpoint) ?? [];
    return [...(input?.endpoints ?? []), ...others].some((endpoint) => endpoint.webhookId === webhookId);
  } catch (error) {
    // Retention has removed it since the list was made.
    if (saysNotFound(error)) return false;
    if (await isAboutOneRun(client, error)) return undefined;
    throw error;
  }
}
