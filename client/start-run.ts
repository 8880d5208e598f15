/** Starts the run of a report, or finds the run that an earlier report of the same call or event has started. */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { inTime } from '../contract/in-time.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { factsOf } from './deadlines.ts';
import { withDecidedEagerness } from './eager-delivery.ts';
import { clientErrorOf } from './client-error-of.ts';
import { TemporalUnavailableError, UnreadableRunError } from './errors.ts';
import { saysNotFound } from './grpc-answers.ts';
import { readFacts } from './history-facts.ts';
import type { StartRequest } from './runs.ts';
import { startOptions, workflowTypeOf } from './start-options.ts';
import { startStored } from './stored-payloads.ts';

/** With these policies a second report starts nothing. It gets an error, whether the first run has ended or not. A
 *  start that the SDK repeats, because an answer got lost, is no second report: it has the same request id. */
const FIRST_START = { workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'FAIL' } as const;

/** Resolves with undefined when the run was started; else with the input of the run that was there. A normal start is
 *  one request. Once in 30 s another one asks for the limits of the task queue.
 *  Rejects with `UnreadableRunError`, which cannot be retried, `StoredPayloadError`, and the errors of any request;
 *  within `timeoutMs` with `TemporalUnavailableError`. */
export async function startRun(
  client: Client,
  workflowId: string,
  input: AnyRunInput,
  request: StartRequest,
): Promise<AnyRunInput | undefined> {
  const { taskQueue, timeoutMs, settle } = request;
  const facts = () => factsOf(client, { what: `starting ${workflowId}`, kind: 'start', timeoutMs });
  const start = async (): Promise<AnyRunInput | undefined> => {
    const decided = request.eagerDelivery === 'auto' ? await withDecidedEagerness(client, input, request) : input;
    const options = { ...startOptions(workflowId, decided, settle), ...FIRST_START, taskQueue };
    return startOrRead(client, workflowTypeOf(input), options);
  };
  try {
    // gRPC retries until its deadline, and a last retry may end later. So `inTime` keeps the caller's limit.
    const deadline = Date.now() + timeoutMs * 0.9;
    const found = client.withDeadline(deadline, start);
    return await inTime(found, timeoutMs, () => {
      throw new TemporalUnavailableError(facts());
    });
  } catch (error) {
    throw clientErrorOf(error, facts());
  }
}

type Options = Parameters<Client['workflow']['start']>[1] & { readonly workflowId: string };

async function startOrRead(client: Client, type: string, options: Options): Promise<AnyRunInput | undefined> {
  try {
    await startStored(client, options.workflowId, () => client.workflow.start(type, options));
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  try {
    return await inputOf(client, options.workflowId);
  } catch (error) {
    // Retention has removed the run since. Then this report is the first one again.
    if (saysNotFound(error)) return startOrRead(client, type, options);
    throw error;
  }
}

/** The input of the latest run, from the first event of its history. Rejects with `UnreadableRunError`: then nobody
 *  knows whose run it is. */
async function inputOf(client: Client, workflowId: string): Promise<AnyRunInput> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const { input } = await readFacts(history?.events ?? [], workflowId, client.options.loadedDataConverter);
  if (!isRunInput(input)) throw new UnreadableRunError(workflowId);
  return input;
}

function isRunInput(input: AnyRunInput | undefined): input is AnyRunInput {
  if (typeof input !== 'object' || input === null || !Array.isArray(input.endpoints)) return false;
  const data: unknown = 'call' in input ? input.call : input.campaign;
  return typeof data === 'object' && data !== null;
}
