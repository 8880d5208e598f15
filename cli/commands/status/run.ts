/** Runs `status`. */
import type { Client } from '@temporalio/client';
import { UnreadableRunError } from '../../../client/errors.ts';
import { settlesUntil, statusOf, whoEnded } from '../../../client/run-status.ts';
import { readRun } from '../../../client/read-run.ts';
import type { RunFacts } from '../../../client/run-facts.ts';
import { withRefusedBy } from '../../../client/refused-by.ts';
import { withSecretRefs } from '../../../client/unknown-secrets.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { WebhookStatus } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { namespaceOf, readPasted } from '../pasted-id.ts';
import { EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import { withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';
import { factsFor, withEarlierRead } from './facts.ts';
import { readMeant } from './meant-run.ts';
import { reading } from './reading.ts';
import { statusPage } from './page.ts';
import { statusInWords, type StatusFacts } from './words.ts';

/** Options of `status`. */
export type StatusOptions = {
  readonly namespace?: string;
  readonly json: boolean;
  readonly html?: boolean;
  readonly earlier?: boolean;
};

/** Prints where a webhook stands. Rejects with CliError or WebhookNotFoundError. */
export async function runStatus(text: string, options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const { json, html = false, earlier = false } = options;
  if (json && html) throw usageError('--json and --html exclude each other');
  if (html && earlier) throw usageError('--html is the page of one run: ask for it by the run id of each earlier run');
  const pasted = readPasted(text);
  const namespace = namespaceOf(pasted, options.namespace);
  return withClient(terminal.env, namespace, async (open) => {
    const { client } = open;
    const { status, runId, run } = await readMeant(pasted, open, terminal, (handle, runId) =>
      statusOfRun(client, handle, runId),
    );
    if (json && !earlier) {
      terminal.data(JSON.stringify(status, undefined, 2));
      return EXIT.ok;
    }
    const latest = { ...(await factsFor(client, status, runId, run)), ...given({ namespace }) };
    const { workflowId } = status;
    const readEarlier = async (each: string) => (await statusOfEarlier(client, workflowId, each)).status;
    const facts = earlier ? await withEarlierRead(latest, readEarlier) : latest;
    if (json) terminal.data(JSON.stringify({ ...status, ...earlierAsData(facts) }, undefined, 2));
    else terminal.data(html ? await statusPage(client, status, facts) : statusInWords(status, facts));
    return EXIT.ok;
  });
}

/** A status, the run it is of, if that is not the latest one, and what was read of that run. */
type Meant = { readonly status: WebhookStatus; readonly runId?: string; readonly run?: RunFacts };

/** The status of one run; without `runId`, of the latest. If it is the latest of its id, the handle knows more. */
async function statusOfRun(client: Client, handle: WebhookHandle, runId: string | undefined): Promise<Meant> {
  if (runId === undefined) return statusOfLatest(client, handle);
  const { workflowId } = handle;
  const latest = await reading(client, workflowId, () => client.workflow.getHandle(workflowId).describe());
  if (latest.runId === runId) return statusOfLatest(client, handle);
  return { ...(await statusOfEarlier(client, workflowId, runId)), runId };
}

/** What the handle says, and who refused. The handle leaves that out: after the end, its status is its result. */
async function statusOfLatest(client: Client, handle: WebhookHandle): Promise<Meant> {
  const status = await handle.status();
  if (!status.deliveries.some(({ state }) => state === 'refused')) return { status };
  const run = await reading(client, handle.workflowId, () => readRun(client, handle.workflowId));
  return { status: { ...status, deliveries: withRefusedBy(status.deliveries, run) }, run };
}

async function statusOfEarlier(client: Client, workflowId: string, runId: string) {
  const run = await reading(client, workflowId, () => readRun(client, workflowId, runId));
  const status = statusOf(run);
  if (status === undefined) throw new UnreadableRunError(workflowId);
  const deliveries = withRefusedBy(withSecretRefs(status.deliveries, run), run);
  const until = settlesUntil(run, status);
  return { status: { ...status, deliveries, ...whoEnded(run), ...given({ settlesUntil: until }) }, run };
}

/** `earlier`: the earlier runs, the latest first. `unread`: why some are missing. */
function earlierAsData({ earlier, unread }: StatusFacts): object {
  const runs = earlier.map(({ runId, state, endedAt, read }) =>
    typeof read === 'object'
      ? { runId, ...given({ endedAt }), ...read }
      : { runId, ...given({ endedAt }), state, problem: read },
  );
  return { earlier: runs, ...given({ unread }) };
}
