/** Runs `request`. */
import { open } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { readInput } from '../../../client/read-run.ts';
import { runsOfWorkflow } from '../../../client/runs-of-workflow.ts';
import type { SentBody, WebhookRequest } from '../../../client/sent-request.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import { given } from '../../../contract/given.ts';
import { withClient } from '../../environment/open-client.ts';
import { CliError, EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { namespaceOf, readPasted, RUN_ID } from '../pasted-id.ts';
import { notFound, readMeant } from '../status/meant-run.ts';
import { reading } from '../status/reading.ts';
import { requestInWords } from './words.ts';

/** Options of `request`. */
export type RequestCommandOptions = {
  readonly namespace?: string;
  readonly showUrl: boolean;
  readonly body: boolean;
  readonly output?: string;
  readonly endpoint?: string;
  readonly run?: string;
  readonly cycle?: number;
  readonly json: boolean;
};

/** Prints what was sent. Rejects with CliError or an error of the client. */
export async function runRequest(text: string, options: RequestCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const pasted = readPasted(text);
  const endpointId = options.endpoint === undefined ? undefined : endpointIdFrom(options.endpoint);
  if (options.run !== undefined && !RUN_ID.test(options.run))
    throw usageError('--run must be a run id, as "status" and the Web UI show it');
  if (options.run !== undefined && options.cycle !== undefined)
    throw usageError('--run and --cycle both choose a run: give one of them');
  const namespace = namespaceOf(pasted, options.namespace);
  const request = await withClient(terminal.env, namespace, (open) =>
    readMeant(pasted, open, terminal, (handle, runId) => readRequest(open.client, handle, runId, options)),
  );
  const asked = narrowed(request, pasted.id, endpointId);
  if (options.output !== undefined) {
    const body = bodyOf(asked);
    await writePrivately(options.output, body.text);
    terminal.say(`${body.bytes} bytes in ${options.output}, SHA-256 ${body.sha256}`);
  }
  if (options.json) terminal.data(JSON.stringify(options.body ? asked : withoutText(asked), undefined, 2));
  else if (options.body) terminal.exact(bodyOf(asked).text);
  else if (options.output === undefined) terminal.data(requestInWords(asked, given({ namespace })));
  return EXIT.ok;
}

async function readRequest(
  client: Client,
  handle: WebhookHandle,
  runId: string | undefined,
  { showUrl, run, cycle }: RequestCommandOptions,
): Promise<WebhookRequest> {
  const request = await handle.request({ showUrl, ...given({ runId: run ?? runId }) }).catch((error: unknown) => {
    throw run === undefined ? error : notFound(error, handle, run);
  });
  if (cycle === undefined || request.cycle === cycle) return request;
  return handle.request({ showUrl, runId: await runOfCycle(client, handle, cycle) });
}

/** Most runs of one webhook that are looked through for a cycle. */
const MAX_RUNS = 100;

/** The latest run of a cycle: one that was reset comes before it. Rejects with CliError `not_found`. */
async function runOfCycle(client: Client, { workflowId }: WebhookHandle, cycle: number): Promise<string> {
  return reading(client, workflowId, async () => {
    const seen = new Set<number>();
    for (const { runId } of await runsOfWorkflow(client, workflowId, MAX_RUNS)) {
      const input = await readInput(client, workflowId, runId);
      const own = input?.redelivery?.cycle ?? 1;
      if (own === cycle) return runId;
      seen.add(own);
    }
    const has = [...seen].toSorted((one, other) => one - other).join(', ');
    throw new CliError('not_found', EXIT.failed, `${workflowId} has no cycle ${cycle}; the server lists ${has}`);
  });
}

/** Only the requests that were asked for. Rejects with CliError `not_found`. */
function narrowed(request: WebhookRequest, id: string, endpointId: string | undefined): WebhookRequest {
  const { requests } = request;
  const byWebhook = requests.filter((each) => each.webhookId === id);
  const meant = byWebhook.length > 0 ? byWebhook : requests;
  const asked = meant.filter((each) => endpointId === undefined || each.endpointId === endpointId);
  if (asked.length > 0 || endpointId === undefined) return { ...request, requests: asked };
  const known = requests.map((each) => each.endpointId).join(', ');
  const words = `this run of ${request.workflowId} does not send to ${endpointId}; it sends to ${known}`;
  throw new CliError('not_found', EXIT.failed, words);
}

function bodyOf({ body, noBody, workflowId }: WebhookRequest): SentBody {
  if (body !== undefined) return body;
  throw new CliError('no_body', EXIT.failed, `${workflowId}: ${noBody}`);
}

/** Personal data is printed only where it was asked for. */
function withoutText({ body, ...request }: WebhookRequest): unknown {
  if (body === undefined) return request;
  const { text: _personal, ...facts } = body;
  return { ...request, body: facts };
}

/** Only the owner may read it, also if the file was there before: it holds personal data. */
async function writePrivately(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    // Not of a pipe or a device.
    if ((await file.stat()).isFile()) await file.chmod(0o600);
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
