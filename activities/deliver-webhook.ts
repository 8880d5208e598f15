/**
 * Makes one signed attempt: look up secrets, POST, judge the answer, compute the next delay. The retries of this
 * activity are the ladder. A cancel does not abort the POST, on purpose: the result of an attempt in flight is always
 * reported.
 */
import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Attempt } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { WARN_BODY_BYTES } from '../contract/limits.ts';
import { attemptsIn, waitAfter } from '../contract/retry-schedule.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { AttemptReport, Delivered, DeliverInput } from '../contract/run-messages.ts';
import type { ActivityLog } from './activity-log.ts';
import { attemptHeaders } from './attempt-headers.ts';
import { attemptFailure } from './delivery-failure.ts';
import type { WebhookSender } from './http/webhook-sender.ts';
import { verdictOf, waitMs, type AttemptResult, type Verdict } from './http/verdict.ts';
import type { WebhookMetrics } from './metrics/webhook-metrics.ts';
import type { DeliveryLog } from './ports/delivery-log.ts';
import { carriedRepairs } from '../contract/carried-repairs.ts';
import type { SigningSecrets } from './ports/signing-secrets.ts';
import { ServerClock } from './server-clock.ts';
import { recordAtOnce } from './record-delivery.ts';
import { reportAttempt } from './report-attempt.ts';

/** Makes the activity `deliverWebhook`. It returns after a 2xx. Otherwise it fails as the verdict says:
 *  `attemptFailure`. */
export function makeDeliverWebhook(ports: {
  secrets: SigningSecrets;
  log: DeliveryLog | undefined;
  sender: WebhookSender;
  say: ActivityLog;
  metrics: WebhookMetrics;
  /** Whether this worker can tell the host of deliveries. The run then asks it to. */
  notifies?: true | undefined;
}) {
  const { metrics } = ports;
  const clock = new ServerClock(ports.say);
  return async function deliverWebhook(input: DeliverInput): Promise<Delivered> {
    const context = Context.current();
    const number = input.attemptsMade + context.info.attempt;
    const sent = {
      bodyBytes: Buffer.byteLength(input.body),
      bodySha256: createHash('sha256').update(input.body).digest('hex'),
    };
    if (number === 1 && sent.bodyBytes > WARN_BODY_BYTES) {
      ports.say.warn('webhook.large_body', { endpointId: input.endpoint.endpointId, bodyBytes: sent.bodyBytes });
    }
    if (number === 1) {
      logRepairs(ports.say, input);
      metrics.repaired(input.repairs);
    }
    const headers = await attemptHeaders(ports.secrets, input, number, ports.say);
    const startedAtMs = await clock.beforeSending(context);
    const result = headers.ok
      ? await ports.sender.post({ url: input.endpoint.url, headers: headers.at(startedAtMs), body: input.body })
      : headers.result;
    const judged = verdictOf(result);
    const verdict = judged === 'not_sent' && input.spendsNotSent === true ? 'retry' : judged;
    const report: AttemptReport = {
      endpointId: input.endpoint.endpointId,
      ...reportOf(input, number, { startedAtMs, endedAtMs: clock.at(context) }, result, verdict),
      ...sent,
      ...given({ notifies: ports.notifies }),
    };
    logAttempt(ports.say, input, report, verdict);
    metrics.attempted(input, report.attempt);
    if (verdict !== 'delivered') {
      if (report.nextDelayMs !== undefined) await reportAttempt(context, report, ports.say);
      throw attemptFailure(input, report, verdict);
    }
    // Only a first attempt is recorded here. A later one does not know the earlier ones; the workflow has the ledger
    // and records them all.
    if (number > 1) return { ...report, recorded: false };
    const record = recordOf(context, input, report);
    return { ...report, recorded: await recordAtOnce(ports.log, record, ports) };
  };
}

function reportOf(
  input: DeliverInput,
  number: number,
  times: { readonly startedAtMs: number; readonly endedAtMs: number },
  result: AttemptResult,
  verdict: Verdict,
) {
  const step = verdict === 'retry' ? waitAfter(number, input.retryDelaysMs) : undefined;
  const durationMs = Math.round(result.durationMs);
  const nextDelayMs = step === undefined ? undefined : waitMs(step, result.retryAfterMs);
  // Temporal starts to wait now. Not startedAt + durationMs, which leaves out the time that the secret store took.
  const endedAtMs = Math.max(times.endedAtMs, times.startedAtMs + durationMs);
  const nextAttemptAt = nextDelayMs === undefined ? undefined : new Date(endedAtMs + nextDelayMs).toISOString();
  const attempt: Attempt = {
    number,
    trigger: Context.current().info.attempt === 1 ? input.trigger : 'schedule',
    startedAt: new Date(times.startedAtMs).toISOString(),
    durationMs,
    outcome: result.outcome,
    code: result.code,
    ...given({ status: result.status, nextAttemptAt }),
  };
  return { attempt, ...given({ nextDelayMs }) };
}

/** Writes one line for each run whose data the client repaired: fields and kinds, no value. */
function logRepairs(say: ActivityLog, { subject, repairs }: DeliverInput): void {
  const told = carriedRepairs(repairs)?.map(({ field, problem }) => `${field}: ${problem}`);
  if (told === undefined) return;
  const { event, callId, campaignId } = subject;
  say.warn('webhook.repaired', { event, callId, campaignId, repairs: told });
}

/** Writes one line per attempt: ids, host and numbers. No URL, body, header, secret or phone number. */
function logAttempt(say: ActivityLog, input: DeliverInput, report: AttemptReport, verdict: Verdict): void {
  const { subject, endpoint } = input;
  const { number, status, code, durationMs, trigger } = report.attempt;
  const line = {
    event: subject.event,
    callId: subject.callId,
    campaignId: subject.campaignId,
    webhookId: endpoint.webhookId,
    endpointId: endpoint.endpointId,
    host: endpoint.host,
  };
  const outcome = {
    attempt: number,
    of: attemptsIn(input.retryDelaysMs),
    trigger,
    verdict,
    code,
    status,
    durationMs,
    bodyBytes: report.bodyBytes,
    nextDelayMs: report.nextDelayMs,
  };
  say[verdict === 'refused' ? 'error' : 'info']('webhook.attempted', { ...line, ...outcome });
}

function recordOf(context: Context, input: DeliverInput, report: AttemptReport): DeliveryRecord {
  const { endpoint, subject } = input;
  const { runStartedAt, ...ids } = subject;
  const { workflowId = '', runId = '' } = context.info.workflowExecution ?? {};
  const { endpointId, host, webhookId } = endpoint;
  return {
    ...ids,
    endpointId,
    host,
    webhookId,
    workflowId,
    runId,
    state: 'delivered',
    attempts: [report.attempt],
    bodyBytes: report.bodyBytes,
    bodySha256: report.bodySha256,
    startedAt: runStartedAt,
    endedAt: new Date().toISOString(),
  };
}
