/**
 * Bodies as receivers may get them: what is published (`bodySchemas`), less what older senders leave out. `checkEvent` checks
 * by it, and the types of the receiver door are made of it. Fields it does not know pass: a sender may be newer, too.
 */
import type * as z from 'zod';
import { EVENT_NAMES, isEventName } from '../event-types.ts';
import type { EventName } from '../event-types.ts';
import { bodySchemas } from './bodies.ts';

const { 'call.completed': completed, 'call.failed': failed } = bodySchemas;

/** The vendor's page lists neither `artifacts` nor `error_message`, and what was kept from before they were added has none.
 *  Everything else the page's sample has in the published form, so nothing else is relaxed. */
const receivedBodySchemas = {
  ...bodySchemas,
  'call.completed': completed.extend({ artifacts: completed.shape.artifacts.exactOptional() }),
  'call.failed': failed.extend({
    artifacts: failed.shape.artifacts.exactOptional(),
    error_message: failed.shape.error_message.exactOptional(),
  }),
} as const satisfies Record<EventName, z.ZodType>;

/** What is wrong with a body: the field's path, and what it should be. Never a value. */
export type EventProblem = { readonly field: string; readonly problem: string };

/** What `checkEvent` answers. */
export type CheckedEvent =
  | { readonly ok: true; readonly event: WebhookBodies[EventName] }
  | { readonly ok: false; readonly problems: readonly EventProblem[] };

/** Checks a body; the body itself comes back, not a copy. */
export function checkBody(body: unknown): CheckedEvent {
  const name = (body as { readonly event?: unknown } | null | undefined)?.event;
  if (typeof name !== 'string' || !isEventName(name)) {
    return { ok: false, problems: [{ field: 'event', problem: `must be one of ${EVENT_NAMES.join(', ')}` }] };
  }
  const checked = receivedBodySchemas[name].safeParse(body);
  if (checked.success) return { ok: true, event: body as WebhookBodies[EventName] };
  const problems = checked.error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message }));
  return { ok: false, problems };
}

/** Type of each event's body as it is received, by event: `WebhookBodies['call.completed']`. What older senders leave out is
 *  optional; fields that only newer ones send are not in it, so that a mistyped name does not compile. */
export type WebhookBodies = { readonly [E in EventName]: Received<z.output<(typeof receivedBodySchemas)[E]>> };

/** `T` read-only all through, its objects with their own fields only; a record of free keys stays one. */
type Received<T> = T extends readonly (infer Item)[]
  ? readonly Received<Item>[]
  : T extends object
    ? [keyof KnownFields<T>] extends [never]
      ? Readonly<T>
      : { readonly [K in keyof KnownFields<T>]: Received<KnownFields<T>[K]> }
    : T;

type KnownFields<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
