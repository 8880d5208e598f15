/** The options of `receive` as a receiver uses them: checked, with all defaults filled in. */
import type { WebhookEvent } from '../contract/event-bodies.ts';
import type { EventName } from '../contract/event-types.ts';
import { RECEIVER_BODY_LIMIT_BYTES } from '../contract/limits.ts';
import { checkOptions } from './check-options.ts';
import { consoleLog } from './console-log.ts';
import { memorySeenEvents } from './memory-seen-events.ts';
import type { EventHandler, ReceiveOptions, ReceiverLogLine, UnknownEvent } from './receive-options.ts';
import type { SeenEvents } from './seen-events.ts';
import type { VerifyOptions } from './verify-webhook.ts';

/** The options with all defaults filled in. */
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

/** Fills in the defaults. Throws RangeError for an impossible bound, TypeError for unknown options and events. */
export function readReceiveOptions(options: ReceiveOptions): Settings {
  checkOptions(options);
  const { secret, on, onUnknown, seen = memorySeenEvents(), log = consoleLog(), ...rest } = options;
  const { maxBodyBytes = RECEIVER_BODY_LIMIT_BYTES, timeoutMs = 8_000, claimMs = 50_000, ...verify } = rest;
  for (const [name, value] of Object.entries({ maxBodyBytes, timeoutMs, claimMs })) {
    // setTimeout treats anything above 2^31-1 as 1 ms.
    if (!Number.isFinite(value) || value < 1 || value > 2_147_483_647) {
      throw new RangeError(`receive: ${name} is ${String(value)}; allowed: 1 to 2147483647`);
    }
  }
  return {
    // Not refused here: a build may load the module without them. `receive` warns, and verifyWebhook reports each
    // time.
    secrets: (typeof secret === 'object' ? secret : [secret]) as readonly string[],
    verify,
    // The lookup by name makes the types agree: each handler takes the event of its own name.
    handlerOf: (event) => (typeof on === 'function' ? on : on[event]) as EventHandler<WebhookEvent> | undefined,
    onUnknown,
    seen,
    maxBodyBytes,
    timeoutMs,
    claimMs,
    log,
  };
}
