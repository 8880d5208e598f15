/** What the call engine holds: one line starts a run, safe to call again for the same call. Never loads the worker's code. */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import {
  hostOf,
  selectEndpoints,
  type Endpoint,
  type EndpointSelection,
  type EndpointSource,
} from '../contract/endpoints.ts';
import type { CallEventName, EventName } from '../contract/event-types.ts';
import { MAX_ENDPOINTS } from '../contract/limits.ts';
import { WORKFLOW_TYPES } from '../contract/names.ts';
import { type CallEnded, callEndedSchema, type ParsedCall } from '../contract/schemas/call-ended.ts';
import {
  type CheckedClientOptions,
  clientOptionsSchema,
  type WebhookClientOptions,
  type WebhookWarning,
} from '../contract/schemas/client-options.ts';
import { InvalidInputError, parseInput } from '../contract/schemas/invalid-input.ts';
import type { CallWebhookInput } from '../contract/webhook-run.ts';
import { callWorkflowId } from '../contract/workflow-id.ts';
import { endpointIdOf, webhookIdOf } from './delivery-ids.ts';
import { WebhookHandle } from './delivery-handle.ts';
import { clientErrorOf, TemporalUnavailableError } from './errors.ts';
import { callStartOptions } from './start-options.ts';

/** Starts webhook runs and finds them again.
 *  const webhooks = new WebhookClient(temporalClient);
 *  const handle = await webhooks.callEnded(call); */
export class WebhookClient {
  readonly #client: Client;
  readonly #options: CheckedClientOptions;
  readonly #warned = new Set<string>();

  /** Throws `InvalidInputError` for wrong options; sends nothing. */
  constructor(client: Client, options: WebhookClientOptions = {}) {
    this.#client = client;
    this.#options = parseInput(clientOptionsSchema, options, 'WebhookClient options');
  }

  /** Reports an ended call; its event goes to every subscribed endpoint. Undefined when nobody subscribed. A call that was
   *  reported before, running or ended, gives the handle of that run and starts nothing.
   *  Throws `InvalidInputError`; `TemporalUnavailableError` (retryable) within `startTimeoutMs`;
   *  `SearchAttributesMissingError`; `NamespaceNotFoundError`; `TemporalRefusedError`. Calling again is always safe. */
  async callEnded(call: CallEnded): Promise<WebhookHandle | undefined> {
    const parsed = parseInput(callEndedSchema, call, 'ended call');
    const event: CallEventName = parsed.status === 'completed' ? 'call.completed' : 'call.failed';
    const workflowId = callWorkflowId(parsed.call_id);
    const selection = selectEndpoints(event, sourcesOf(parsed), parsed.account_id ?? undefined);
    const endpoints = this.#withIds(workflowId, event, selection);
    if (endpoints.length === 0) return undefined;
    await this.#start(workflowId, callInput(parsed, event, endpoints, this.#options));
    return this.#handle(workflowId);
  }

  /** Handle of a call's run, whether or not it exists. No request is made. */
  call(callId: string): WebhookHandle {
    return this.#handle(callWorkflowId(callId));
  }

  #handle(workflowId: string): WebhookHandle {
    return new WebhookHandle(this.#client, workflowId);
  }

  #withIds(workflowId: string, event: EventName, { endpoints, unknownEvents }: EndpointSelection): Endpoint[] {
    for (const name of unknownEvents) {
      const shown = JSON.stringify(name.slice(0, 60));
      this.#warn({ code: 'unknown_event', message: `webhook_events names ${shown}, which is no event: ignored` });
    }
    if (endpoints.length > MAX_ENDPOINTS) {
      const problem = `${endpoints.length} endpoints after equal URLs collapsed: at most ${MAX_ENDPOINTS} are allowed`;
      throw new InvalidInputError(event, [{ field: 'endpoints', problem }]);
    }
    return endpoints.map(({ url, secretRef }) => {
      const host = hostOf(url);
      if (secretRef === undefined) {
        this.#warn({
          code: 'unsigned',
          message: `webhooks to ${host} go unsigned: the endpoint has no secret_ref and the call no account_id`,
        });
      }
      const ids = { endpointId: endpointIdOf(url), webhookId: webhookIdOf(workflowId, event, url) };
      return { ...ids, url, host, ...(secretRef === undefined ? {} : { secretRef }) };
    });
  }

  /** Once per message: a misconfigured campaign of a million calls is one warning. */
  #warn(warning: WebhookWarning): void {
    if (this.#warned.has(warning.message) || this.#warned.size >= 1_000) return;
    this.#warned.add(warning.message);
    if (this.#options.onWarning !== undefined) this.#options.onWarning(warning);
    else process.emitWarning(warning.message, { type: 'WebhookWarning', code: warning.code });
  }

  async #start(workflowId: string, input: CallWebhookInput): Promise<void> {
    const { startTimeoutMs: timeoutMs, taskQueue } = this.#options;
    const what = `starting ${workflowId}`;
    try {
      const options = { ...callStartOptions(workflowId, input), taskQueue };
      // gRPC retries until its deadline and may finish a retry beyond it; the caller's limit is ours to keep.
      const deadline = Date.now() + timeoutMs * 0.9;
      const started = this.#client.withDeadline(deadline, () =>
        this.#client.workflow.start(WORKFLOW_TYPES.call, options),
      );
      await inTime(started, timeoutMs, () => new TemporalUnavailableError(what, timeoutMs));
    } catch (error) {
      // The run has ended already: this call was reported before, which is what the caller wants to know.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return;
      throw clientErrorOf(error, { what, namespace: this.#client.options.namespace, timeoutMs });
    }
  }
}

/** The call's own settings first: where two name the same URL, they win. */
function sourcesOf(call: ParsedCall): EndpointSource[] {
  return [
    { level: 'call', ...call },
    ...(call.campaign ? [{ level: 'campaign' as const, ...call.campaign }] : []),
    ...(call.endpoints ?? []).map((endpoint) => ({ level: 'account' as const, ...endpoint })),
  ];
}

function callInput(
  parsed: ParsedCall,
  event: CallEventName,
  endpoints: readonly Endpoint[],
  options: CheckedClientOptions,
): CallWebhookInput {
  const {
    webhook_url: _url,
    webhook_events: _events,
    secret_ref: _ref,
    campaign: _campaign,
    endpoints: _all,
    expects,
    ...call
  } = parsed;
  const { settleDelayMs, artifactDeadlineMs, retryDelaysMs, searchAttributes } = options;
  return {
    event,
    call,
    expects,
    endpoints,
    policy: { settleDelayMs, artifactDeadlineMs, retryDelaysMs },
    searchAttributes,
    ...(call.account_id === null ? {} : { accountId: call.account_id }),
  };
}

async function inTime<T>(work: Promise<T>, ms: number, tooLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
