/**
 * Plays the call engine of `demo`: ends four calls, cancels one in the middle of its ladder, and says how each one
 * ended. It follows the runs by `handle.status()`, so it shows what an operator sees, also without a worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookClient, WebhookHandle } from '../../client/index.ts';
import { isFinal, type WebhookStatus } from '../../contract/delivery-state.ts';
import { DEFAULT_SETTLE_DELAY_MS } from '../../contract/default-policy.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { newsOf, waitOf } from './words.ts';
import type { Scenario } from './scenarios.ts';
import type { Terminal } from '../process/terminal.ts';

/** A scenario and where its run stands. `endedAfterMs` counts from the call's end, once the run has closed. */
export type Played = {
  readonly scenario: Scenario;
  readonly handle: WebhookHandle;
  status: WebhookStatus | undefined;
  endedAfterMs: number | undefined;
};

/** What the play needs. */
export type PlayOptions = {
  readonly webhooks: WebhookClient;
  readonly scenarios: readonly Scenario[];
  readonly retryDelaysMs: readonly number[];
  readonly terminal: Terminal;
  /** Aborts the play, which then rejects with an AbortError. */
  readonly signal: AbortSignal;
  /** Says one line, with the scenario's name and the time. */
  readonly tell: (scenario: Scenario, line: string) => void;
  /** Called with each run as it starts. */
  readonly onStarted: (handle: WebhookHandle, scenario: Scenario) => void;
};

const LOOK_EVERY_MS = 400;
/** How long the reader may watch the countdown before the operator cancels. */
const CANCEL_AFTER_MS = 3_000;
/** What a busy machine may add to settle delay, late summary and ladder. */
const PATIENCE_MS = 60_000;

/** Plays all scenarios side by side. Resolves when every run has closed, or when one takes far too long. */
export async function play(options: PlayOptions): Promise<readonly Played[]> {
  const { webhooks, scenarios, retryDelaysMs, signal, onStarted, terminal } = options;
  const startedAt = Date.now();
  const played: Played[] = [];
  for (const scenario of scenarios) {
    const handle = await webhooks.callEnded(scenario.call);
    if (handle === undefined) throw new CliError('demo_start', EXIT.failed, `${scenario.name}: no endpoint subscribed`);
    onStarted(handle, scenario);
    played.push({ scenario, handle, status: undefined, endedAfterMs: undefined });
  }
  const ladderMs = retryDelaysMs.slice(0, 3).reduce((sum, ms) => sum + ms, 0);
  const givesUpAt = startedAt + DEFAULT_SETTLE_DELAY_MS + ladderMs + PATIENCE_MS;
  while (played.some((run) => run.endedAfterMs === undefined) && Date.now() < givesUpAt) {
    await Promise.all(played.map((run) => look(run, startedAt, options)));
    terminal.live(countdown(played, startedAt));
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
  terminal.live('');
  return played;
}

async function look(run: Played, startedAt: number, { tell }: PlayOptions): Promise<void> {
  if (run.endedAfterMs !== undefined) return;
  const now = await run.handle.status();
  for (const line of newsOf(run.status, now)) tell(run.scenario, line);
  run.status = now;
  if (isFinal(now.state)) run.endedAfterMs = Date.now() - startedAt;
  else if (run.scenario.promises === 'cancelled' && isTimeToCancel(now)) await cancel(run, tell);
}

/** In the middle of the ladder: two attempts made, the third announced, and its countdown visible for a while. */
function isTimeToCancel({ deliveries: [delivery], cancelReason }: WebhookStatus): boolean {
  const last = delivery?.attempts[1];
  if (last?.nextAttemptAt === undefined || cancelReason !== undefined) return false;
  const endedAt = Date.parse(last.startedAt) + last.durationMs;
  const waitMs = Date.parse(last.nextAttemptAt) - endedAt;
  return Date.now() >= endedAt + Math.min(CANCEL_AFTER_MS, waitMs / 3);
}

async function cancel({ handle, scenario }: Played, tell: PlayOptions['tell']): Promise<void> {
  const reason = 'the customer moved to another URL';
  const answer = await handle.cancel({ reason });
  tell(scenario, answer.accepted ? `an operator sends the signal cancel (${reason})` : 'the cancel came too late');
}

function countdown(played: readonly Played[], startedAt: number): string {
  const now = Date.now();
  const waits = played.flatMap(({ scenario, status }) => {
    const wait = status === undefined ? undefined : waitOf(status, startedAt + DEFAULT_SETTLE_DELAY_MS, now);
    return wait === undefined ? [] : [`${scenario.name}: ${wait}`];
  });
  return waits.length === 0 ? '' : `  … ${waits.join('   ')}`;
}
