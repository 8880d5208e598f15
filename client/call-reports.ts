/**
 * Reports of callers in other languages. A worker gets this as its option `reports`, and its activity `reportCall` asks
 * it. It is the client that a TypeScript engine holds, so ids, repairs and errors are the same. It knows no worker.
 */
import type { Client } from '@temporalio/client';
import { kindOf } from '../contract/canonical-json.ts';
import type { ReportAnswer } from '../contract/report-answer.ts';
import { isRecord } from '../contract/repairs/read-fields.ts';
import { RepairList } from '../contract/repairs/repair-list.ts';
import { campaignEventOf } from '../contract/repairs/words.ts';
import type { CallEnded } from '../contract/schemas/call-ended.ts';
import type { CampaignEvent } from '../contract/schemas/campaign-event.ts';
import {
  clientOptionsSchema,
  type WebhookClientOptions,
  type WebhookWarning,
} from '../contract/schemas/client-options.ts';
import { InvalidInputError, parseInput } from '../contract/schemas/invalid-input.ts';
import { WebhookClient } from './webhook-client.ts';
import type { WebhookHandle } from './webhook-handle.ts';

/** Options of `WebhookClient` that a report may have. Warnings are in the answer. */
export type ReportOptions = Omit<WebhookClientOptions, 'onWarning'>;

/** Warnings are in the answer, so nobody else may take them. */
const reportOptionsSchema = clientOptionsSchema.omit({ onWarning: true });

/** Where a report comes from. */
type At = { readonly client: Client; readonly taskQueue: string };

/** Takes reports for the activity `reportCall`: `createWebhookWorker({ …, reports: callReports() })`. `options` hold
 *  for every report that does not say otherwise. Without `taskQueue`, runs go to the task queue of the worker that took
 *  the report. Throws `InvalidInputError` for wrong options. */
export function callReports(options: ReportOptions = {}) {
  parseInput(reportOptionsSchema, options, 'options of callReports');
  return {
    /** Reports `input`, the JSON of an ended call or of a campaign event. Rejects as `callEnded` and `campaignEvent`
     *  do. */
    report: async (input: unknown, more: unknown, { client, taskQueue }: At): Promise<ReportAnswer> => {
      const warnings: WebhookWarning[] = [];
      // A client of its own for each report: it remembers no warning of another one.
      const webhooks = new WebhookClient(client, {
        taskQueue,
        ...options,
        ...optionsOf(more),
        onWarning: (warning) => void warnings.push(warning),
      });
      return answerOf(await reported(webhooks, asJson(input)), warnings);
    },
  };
}

/** The input is judged by the client, whatever it is. */
function reported(webhooks: WebhookClient, input: unknown): Promise<WebhookHandle | undefined> {
  return isOfCampaign(input) ? webhooks.campaignEvent(input as CampaignEvent) : webhooks.callEnded(input as CallEnded);
}

/** Whether this is meant as an event of a campaign. A call may have a `campaign_id` and an `event` of its engine. */
function isOfCampaign(input: unknown): boolean {
  if (!isRecord(input)) return false;
  const { event, call_id: callId, campaign_id: campaignId } = input as Partial<Record<string, unknown>>;
  if (campaignEventOf(event, new RepairList()) !== undefined) return true;
  return (callId ?? null) === null && typeof event === 'string' && (campaignId ?? null) !== null;
}

function optionsOf(more: unknown): ReportOptions {
  if (more === undefined || more === null) return {};
  const what = 'options of the report';
  if (!isRecord(more)) {
    throw new InvalidInputError(what, [{ field: 'the options', problem: `${kindOf(more)}: must be an object` }]);
  }
  // Only checked: the schema's defaults would override the options of the worker.
  parseInput(reportOptionsSchema, more, what);
  return more;
}

/** Some languages hold the JSON as text or bytes, and their SDKs send it so. */
function asJson(input: unknown): unknown {
  const text = input instanceof Uint8Array ? new TextDecoder().decode(input) : input;
  if (typeof text !== 'string') return input;
  try {
    return JSON.parse(text);
  } catch {
    // The client refuses a text, in its own words.
    return text;
  }
}

function answerOf(handle: WebhookHandle | undefined, warnings: readonly WebhookWarning[]): ReportAnswer {
  return {
    subscribed: handle !== undefined,
    workflowId: handle?.workflowId ?? null,
    alreadyReported: handle?.alreadyReported ?? false,
    reportedDifferently: handle?.reportedDifferently ?? null,
    webhooks: handle?.webhooks ?? [],
    warnings,
  };
}
