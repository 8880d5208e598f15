/** What the demo says about a run: what changed between two looks at it, and what it waits for. Pure. */
import {
  answerInWords,
  isFinal,
  type Attempt,
  type DeliveryStatus,
  type WebhookStatus,
} from '../../contract/delivery-state.ts';

/** One sentence for each thing that happened since `before`. Undefined: the first look. */
export function newsOf(before: WebhookStatus | undefined, now: WebhookStatus): readonly string[] {
  const news: string[] = [];
  if (before?.state !== now.state && now.state === 'settling') {
    news.push('settles for 15 s: recording, transcript and summary are being made');
  }
  for (const [index, delivery] of now.deliveries.entries()) {
    const known = before?.deliveries[index]?.attempts.length ?? 0;
    news.push(...delivery.attempts.slice(known).map((attempt) => attemptWords(attempt)));
  }
  if (isFinal(now.state) && (before === undefined || !isFinal(before.state))) news.push(endWords(now));
  return news;
}

/** The answers of a delivery in their order, e.g. `503, 503, 200`. */
export function answersOf(delivery: DeliveryStatus | undefined): string {
  return delivery?.attempts.map(({ status, code, outcome }) => status ?? code ?? outcome).join(', ') ?? '';
}

/** What a run waits for at `nowMs`, in a few words. Undefined when it waits for nothing with a time. `settledAtMs` is
 *  the end of its settle delay. */
export function waitOf(status: WebhookStatus, settledAtMs: number, nowMs: number): string | undefined {
  if (status.state === 'settling') return `settles ${secondsUntil(settledAtMs, nowMs)} s`;
  const next = status.deliveries.find(({ nextAttemptAt }) => nextAttemptAt !== undefined);
  if (next?.nextAttemptAt === undefined || isFinal(status.state)) return undefined;
  return `attempt ${next.attempts.length + 1} in ${secondsUntil(Date.parse(next.nextAttemptAt), nowMs)} s`;
}

function attemptWords(attempt: Attempt): string {
  const { number, startedAt, durationMs, nextAttemptAt } = attempt;
  const took = attempt.outcome === 'unknown' ? '' : ` after ${durationMs} ms`;
  const done = `attempt ${number}: ${answerInWords(attempt)}${took}`;
  if (nextAttemptAt === undefined) return done;
  const waitMs = Date.parse(nextAttemptAt) - Date.parse(startedAt) - durationMs;
  return `${done}; the next one in ${Math.round(waitMs / 1_000)} s`;
}

function endWords({ state, artifacts, cancelReason }: WebhookStatus): string {
  const missing = Object.entries(artifacts ?? {}).filter(([, each]) => each !== 'ready' && each !== 'not_expected');
  if (missing.length > 0) return `${state}, without ${missing.map(([name, why]) => `${name} (${why})`).join(', ')}`;
  return cancelReason === undefined ? state : `${state}: ${cancelReason}`;
}

function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}
