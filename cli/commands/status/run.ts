/** Runs `status`. */
import type { Client } from '@temporalio/client';
import { UnreadableRunError } from '../../../client/errors.ts';
import { settlesUntil, statusOf, whoEnded } from '../../../client/fold-run.ts';
import { readRun } from '../../../client/read-run.ts';
import { withSecretRefs } from '../../../client/unknown-secrets.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { WebhookStatus } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { namespaceOf, readPasted } from '../pasted-id.ts';
import { EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import { withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';
import { factsFor } from './facts.ts';
import { readMeant } from './meant-run.ts';
import { reading } from './reading.ts';
import { statusPage } from './page.ts';
import { statusInWords } from './words.ts';

/** Options of `status`. */
export type StatusOptions = { readonly namespace?: string; readonly json: boolean; readonly html?: boolean };

/** Prints where a webhook stands. Rejects with CliError or WebhookNotFoundError. */
export async function runStatus(text: string, options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.json && options.html === true) throw usageError('--json and --html exclude each other');
  const pasted = readPasted(text);
  const namespace = namespaceOf(pasted, options.namespace);
  return withClient(terminal.env, namespace, async (open) => {
    const { client } = open;
    const { status, runId } = await readMeant(pasted, open, terminal, (handle, runId) =>
      statusOfRun(client, handle, runId),
    );
    if (options.json) {
      terminal.data(JSON.stringify(status, undefined, 2));
      return EXIT.ok;
    }
    const facts = { ...(await factsFor(client, status, runId)), ...given({ namespace }) };
    terminal.data(options.html === true ? await statusPage(client, status, facts) : statusInWords(status, facts));
    return EXIT.ok;
  });
}

/** A status, and the run it is of, if that is not the latest one. */
type Meant = { readonly status: WebhookStatus; readonly runId?: string };

/** The status of one run; without `runId`, of the latest. If it is the latest of its id, the handle knows more. */
async function statusOfRun(client: Client, handle: WebhookHandle, runId: string | undefined): Promise<Meant> {
  if (runId === undefined) return { status: await handle.status() };
  const { workflowId } = handle;
  const latest = await reading(client, workflowId, () => client.workflow.getHandle(workflowId).describe());
  if (latest.runId === runId) return { status: await handle.status() };
  const run = await reading(client, workflowId, () => readRun(client, workflowId, runId));
  const status = statusOf(run);
  if (status === undefined) throw new UnreadableRunError(workflowId);
  const deliveries = withSecretRefs(status.deliveries, run);
  const until = settlesUntil(run, status);
  return { status: { ...status, deliveries, ...whoEnded(run), ...given({ settlesUntil: until }) }, runId };
}
