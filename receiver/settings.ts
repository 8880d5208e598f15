/** The options of `receive` as a receiver works with them: checked, and with every default filled in. */
import type { WebhookEvent } from '../contract/event-bodies.ts';
import type { EventName } from '../contract/event-types.ts';
import { checkOptions } from './check-options.ts';
import { memorySeenEvents } from './memory-seen-events.ts';
import type { EventHandler, ReceiveOptions, ReceiverLogLine, UnknownEvent } from './receive-options.ts';
import type { SeenEvents } from './seen-events.ts';
import type { VerifyOptions } from './verify-webhook.ts';

/** Options with every default filled in. */
export type Settings = {
  readonly secrets: readonly string[];
  readonly verify: VerifyOptions;
  readonly handlerOf: (event: EventName) => EventHandler<WebhookEvent> | undefined;
  readonly onUnknown: EventHandler<UnknownEvent> | undefined;
  readonly seen: SeenEvents;
  readonly maxBodyBytes: number;
  readonly timeoutMs: number;
  readonly claimMs: number;
  readonly log: (line: ReceiverLogLine) => void;
};

/** Fills in defaults. Throws RangeError for a bound that cannot be, TypeError for handlers and options that nobody knows. */
export function readReceiveOptions(options: ReceiveOptions): Settings {
  checkOptions(options);
  const { secret, on, onUnknown, seen = memorySeenEvents(), log = logTrouble, ...rest } = options;
  const { maxBodyBytes = 4_194_304, timeoutMs = 8_000, claimMs = 50_000, ...verify } = rest;
  for (const [name, value] of Object.entries({ maxBodyBytes, timeoutMs, claimMs })) {
    // setTimeout takes anything above 2^31-1 for 1 ms.
    if (!Number.isFinite(value) || value < 1 || value > 2_147_483_647) {
      throw new RangeError(`receive: ${name} is ${String(value)}; allowed: 1 to 2147483647`);
    }
  }
  return {
    // Not checked here: verifyWebhook says at each request what is wrong with them.
    secrets: (typeof secret === 'object' ? secret : [secret]) as readonly string[],
    verify,
    // Each handler takes the event of its own name: the lookup is what makes the types agree.
    handlerOf: (event) => (typeof on === 'function' ? on : on[event]) as EventHandler<WebhookEvent> | undefined,
    onUnknown,
    seen,
    maxBodyBytes,
    timeoutMs,
    claimMs,
    log,
  };
}

/** Where no log was given, an error must not vanish: a handler that fails at each attempt would never be noticed. */
function logTrouble(line: ReceiverLogLine): void {
  const { code, status, id, fix, error } = line;
  if (error === undefined && status !== 500) return;
  const words = ['webhook receiver:', code, id, fix].filter((word) => word !== undefined).join(' ');
  // oxlint-disable-next-line no-console
  console.error(words, ...(error === undefined ? [] : [error]));
}
