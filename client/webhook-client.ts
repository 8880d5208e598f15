/** The call engine's client: one line reports an ended call and starts its run. It never loads the worker's code. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { readCallSettings, readCampaignSettings, type ReadSettings } from '../contract/repairs/endpoint-settings.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import type { CallEventName, CampaignEventName } from '../contract/event-types.ts';
import { given } from '../contract/given.ts';
import { type CampaignEvent, readCampaignEvent } from '../contract/schemas/campaign-event.ts';
import { type CallEnded, readCallEnded } from '../contract/schemas/call-ended.ts';
import {
  type CheckedClientOptions,
  clientOptionsSchema,
  type WebhookClientOptions,
} from '../contract/schemas/client-options.ts';
import {
  type FindFilter,
  findFilterSchema,
  findOptionsSchema,
  reconcileOptionsSchema,
} from '../contract/schemas/find-filter.ts';
import { InvalidInputError, parseInput } from '../contract/schemas/invalid-input.ts';
import { type WebhookTest, webhookTestSchema } from '../contract/schemas/webhook-test.ts';
import { TEST_CAMPAIGN } from '../contract/test-event.ts';
import type { Repair } from '../contract/event-data.ts';
import type { AnyRunInput, RunInput } from '../contract/run-messages.ts';
import { callWorkflowId, campaignWorkflowId, encodedId } from '../contract/workflow-id.ts';
import { chooseEndpoints } from './choose-endpoints.ts';
import { endpointIdOf } from './delivery-ids.ts';
import { runRepairs } from './run-repairs.ts';
import { IdOfAnotherAccountError } from './errors.ts';
import { checkInputSize } from './input-size.ts';
import { WebhookHandle } from './webhook-handle.ts';
import type { FoundRun, SkippedRun } from './find-webhooks.ts';
import { checkLog, type ReconcilableLog } from './reconcilable-log.ts';
import type { Reconciled, ReconcileOptions } from './reconcile.ts';
import { reportedDifferently, webhooksOf } from './reported-before.ts';
import { checkClient, checkedCampaignEvent, checkedId } from './run-input.ts';
import { Runs } from './runs.ts';
import { TemporalRuns } from './temporal-runs.ts';
import { Warnings } from './warnings.ts';

/** `onSkipped`: called with each run that `find` passes over. Default: a warning (`onWarning` of the client). */
export type FindOptions = { readonly onSkipped?: (run: SkippedRun) => void };

/** A webhook that `find` yields, with its handle. */
export type FoundWebhook = FoundRun & { readonly handle: WebhookHandle };

/** Starts webhook runs and finds them again. One instance can serve a whole process.
 *  const webhooks = new WebhookClient(temporalClient);
 *  const handle = await webhooks.callEnded(call); */
export class WebhookClient {
  readonly #runs: Runs;
  readonly #options: CheckedClientOptions;
  readonly #warnings: Warnings;

  /** Sends no request. Throws `InvalidInputError` for a wrong client or wrong options. (`Runs` is for the door
   *  ./testing, whose fake keeps its runs in memory.) */
  constructor(client: Client | Runs, options: WebhookClientOptions = {}) {
    this.#runs = client instanceof Runs ? client : new TemporalRuns(checkClient(client));
    this.#options = parseInput(clientOptionsSchema, options, 'WebhookClient options');
    this.#warnings = new Warnings(this.#options.onWarning);
  }

  /** Reports an ended call. Its event goes to every subscribed endpoint. Resolves with the run's handle, or with
   *  undefined when no endpoint has subscribed. If the call was reported before, it starts nothing, even if that run
   *  has ended. It then resolves with that run's handle, whose `alreadyReported` is true. If the first report had
   *  another outcome, other data or other endpoints, its `reportedDifferently` says so, and so does `onWarning`.
   *  Rejects with `InvalidInputError`, `InputTooLargeError`, `IdOfAnotherAccountError`, `UnreadableRunError` (of the
   *  first report's run), `SearchAttributesMissingError`, `NamespaceNotFoundError` or `TemporalRefusedError`; within
   *  `startTimeoutMs` with `TemporalUnavailableError`, which is retryable. Calling again is always safe. */
  async callEnded(call: CallEnded): Promise<WebhookHandle | undefined> {
    const { call: data, expects, settings: raw, notices, accountRefusal } = readCallEnded(call);
    const about = `call ${encodedId(data.call_id)}`;
    this.#warnings.tellAll(notices, about);
    const event: CallEventName = data.status === 'completed' ? 'call.completed' : 'call.failed';
    const workflowId = callWorkflowId(data.call_id);
    const settings = readCallSettings(raw);
    const accountId = data.account_id ?? undefined;
    const endpoints = this.#chosen({ workflowId, event, accountId, accountRefusal }, settings, about);
    if (endpoints.length === 0) return undefined;
    const run = this.#runInput(endpoints, accountId, [...notices, ...settings.warnings]);
    return this.#start(workflowId, { ...run, event, call: data, expects }, about);
  }

  /** Reports a campaign event. It goes to the campaign's endpoint. Resolves with the run's handle, or with undefined
   *  when the endpoint has not subscribed to the event. Paused, resumed and stopped need an `occurrence`; reporting
   *  the same one again starts nothing. `webhook.test` needs one too. It is sent even if not subscribed, and has one
   *  attempt.
   *  Rejects as `callEnded` does. */
  async campaignEvent(campaignEvent: CampaignEvent): Promise<WebhookHandle | undefined> {
    const { event, campaign, settings: raw, notices, accountRefusal } = readCampaignEvent(campaignEvent);
    const about = `${event} of campaign ${encodedId(campaign.campaign_id)}`;
    this.#warnings.tellAll(notices, about);
    const isTest = event === 'webhook.test';
    const workflowId = campaignWorkflowId(campaign.campaign_id, event, campaign.occurrence ?? undefined);
    const settings = readCampaignSettings(isTest ? { ...raw, webhook_events: [event] } : raw);
    const accountId = campaign.account_id ?? undefined;
    const endpoints = this.#chosen({ workflowId, event, accountId, accountRefusal }, settings, about);
    if (endpoints.length === 0) return undefined;
    const run = this.#runInput(endpoints, accountId, [...notices, ...settings.warnings]);
    const policy = isTest ? { ...run.policy, retryDelaysMs: [] } : run.policy;
    return this.#start(workflowId, { ...run, policy, event, campaign }, about);
  }

  /** Sends `webhook.test` to an endpoint, whatever it has subscribed to, the whole way: worker, secret store, egress
   *  guard, delivery log. It has one attempt. The body is the published sample of `webhook.test`, with another
   *  `campaign_id` and `occurrence`. `await (await webhooks.test({ webhook_url, secret_ref })).result()` says how it
   *  ended. Each call is a new test, unless it has the `occurrence` of an earlier one.
   *  Rejects as `callEnded` does. */
  async test(test: WebhookTest): Promise<WebhookHandle> {
    const { occurrence = randomUUID(), ...settings } = parseInput(webhookTestSchema, test, 'test');
    const campaign_id = `test-${endpointIdOf(settings.webhook_url)}`;
    const handle = await this.campaignEvent({
      ...TEST_CAMPAIGN,
      event: 'webhook.test',
      campaign_id,
      occurrence,
      ...settings,
    });
    if (handle !== undefined) return handle;
    throw new InvalidInputError('test', [{ field: 'webhook_url', problem: 'names no endpoint' }]);
  }

  /** The handle of a call's run. It makes no request, so the run need not exist. Throws `InvalidInputError` for what
   *  cannot be an id. */
  call(callId: string): WebhookHandle {
    return this.#handle(callWorkflowId(checkedId('call_id', callId)));
  }

  /** The handle of a campaign event's run. It makes no request, so the run need not exist. Throws `InvalidInputError`
   *  for what cannot be an id, for an unknown event, and without an `occurrence` for an event that needs one. */
  campaign(campaignId: string, event: CampaignEventName | 'webhook.test', occurrence?: string): WebhookHandle {
    const again = occurrence === undefined ? undefined : checkedId('occurrence', occurrence);
    const name = checkedCampaignEvent(event, again);
    return this.#handle(campaignWorkflowId(checkedId('campaign_id', campaignId), name, again));
  }

  /** The handle of a run by its workflow id, as the Web UI and `find` show it. It makes no request. */
  withWorkflowId(workflowId: string): WebhookHandle {
    return this.#handle(workflowId);
  }

  /** Finds webhooks by state, campaign, endpoint and more. Each is yielded once, with its latest run. The server's
   *  list lags a moment behind. A run that the server cannot describe is passed over and told (`onSkipped`).
   *  `for await (const { handle } of webhooks.find({ state: 'failed' })) …`
   *  Throws `InvalidInputError`. The iteration rejects with `TemporalUnavailableError` (retryable),
   *  `NamespaceNotFoundError` or `TemporalRefusedError`. */
  find(filter: FindFilter = {}, options: FindOptions = {}): AsyncIterable<FoundWebhook> {
    const checked = parseInput(findFilterSchema, filter, 'find');
    parseInput(findOptionsSchema, options, 'options of find');
    const { onSkipped } = options;
    const skipped = (run: SkippedRun): void => {
      if (onSkipped !== undefined) return onSkipped(run);
      const why = run.error instanceof Error ? run.error.message : String(run.error);
      this.#warnings.tellEach({ code: 'run_skipped', message: `find passed over ${run.workflowId}: ${why}` });
    };
    const found = async function* (this: WebhookClient): AsyncGenerator<FoundWebhook> {
      for await (const run of this.#runs.find(checked, skipped)) yield { ...run, handle: this.#handle(run.workflowId) };
    };
    return found.call(this);
  }

  /** Writes into the delivery log the records that it lacks of the closed runs. Safe to repeat. Resolves with one entry
   *  per delivery that was checked. A bad run is one entry, and the others go on.
   *  Rejects with `InvalidInputError` and with the errors that `find` gives. Rejects with what the log throws, when
   *  nothing gets through to the log. */
  async reconcile(log: ReconcilableLog, options: ReconcileOptions = {}): Promise<readonly Reconciled[]> {
    parseInput(reconcileOptionsSchema, options, 'reconcile');
    const { dryRun = false, onReconciled, onProgress, ...times } = options;
    const checked = parseInput(findFilterSchema, times, 'reconcile');
    checkLog(log);
    const all: Reconciled[] = [];
    for await (const item of this.#runs.reconcile(log, checked, { dryRun, ...given({ onProgress }) })) {
      all.push(item);
      onReconciled?.(item);
    }
    return all;
  }

  #runInput(
    endpoints: readonly Endpoint[],
    accountId: string | undefined,
    notices: readonly Repair[],
  ): Omit<RunInput, 'event'> {
    const { settleDelayMs, artifactDeadlineMs, retryDelaysMs, searchAttributes, eagerDelivery } = this.#options;
    const isNever = eagerDelivery === false ? { eagerDelivery } : {};
    const policy = { settleDelayMs, artifactDeadlineMs, retryDelaysMs, ...isNever };
    return { endpoints, policy, searchAttributes, ...given({ accountId, repairs: runRepairs(notices) }) };
  }

  #handle(workflowId: string): WebhookHandle {
    return new WebhookHandle(this.#runs, workflowId);
  }

  /** The endpoints that get the event. Tells what is odd about the settings; `about` names the call or campaign. */
  #chosen(ids: Parameters<typeof chooseEndpoints>[0], settings: ReadSettings, about: string): readonly Endpoint[] {
    const { endpoints, warnings } = chooseEndpoints(ids, settings);
    for (const warning of warnings) this.#warnings.tell(warning, about, ids.accountId);
    return endpoints;
  }

  /** Starts a run, or finds the run that was started for the same report before. `about` names the call or event. */
  async #start(workflowId: string, input: AnyRunInput, about: string): Promise<WebhookHandle> {
    const { startTimeoutMs: timeoutMs, taskQueue, eagerDelivery, settle } = this.#options;
    checkInputSize(workflowId, input);
    const earlier = await this.#runs.start(workflowId, input, { taskQueue, timeoutMs, eagerDelivery, settle });
    const alreadyReported = earlier !== undefined;
    if (alreadyReported && earlier.accountId !== input.accountId) throw new IdOfAnotherAccountError(workflowId);
    const differently = earlier && reportedDifferently(earlier, input);
    if (differently !== undefined) {
      this.#warnings.tellEach({ code: 'reported_differently', message: `${about} ${differently}` });
    }
    const webhooks = webhooksOf(earlier ?? input);
    return new WebhookHandle(this.#runs, workflowId, {
      alreadyReported,
      reportedDifferently: differently,
      webhooks,
    });
  }
}
