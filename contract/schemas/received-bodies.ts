/**
 * Bodies as receivers may get them: the published ones (`bodySchemas`), in which fields that older senders leave out
 * are optional. `checkEvent` uses these schemas, and the types of the receiver door come from them. Unknown fields
 * are accepted, because a sender may be newer.
 */
import type * as z from 'zod';
import { EVENT_NAMES, isEventName } from '../event-types.ts';
import type { EventName } from '../event-types.ts';
import { bodySchemas } from './bodies.ts';

const { 'call.completed': completed, 'call.failed': failed } = bodySchemas;

/** `artifacts` and `error_message` are optional: the vendor's page has neither, and older stored bodies lack them.
 *  The page's sample has all other fields in the published form, so no other field is optional. */
const receivedBodySchemas = {
  ...bodySchemas,
  'call.completed': completed.extend({ artifacts: completed.shape.artifacts.exactOptional() }),
  'call.failed': failed.extend({
    artifacts: failed.shape.artifacts.exactOptional(),
    error_message: failed.shape.error_message.exactOptional(),
  }),
} as const satisfies Record<EventName, z.ZodType>;

/** One problem of a body: the path of the field, and what it should be. It never holds a value. */
export type EventProblem = { readonly field: string; readonly problem: string };

/** What `checkEvent` returns. */
export type CheckedEvent =
  | { readonly ok: true; readonly event: WebhookBodies[EventName] }
  | { readonly ok: false; readonly problems: readonly EventProblem[] };

/** Checks a body. Returns the body itself, not a copy. */
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

/** Type of each event's body as it is received: `WebhookBodies['call.completed']`. Fields that older senders leave
 *  out are optional. Unknown fields are not in the type, so that a mistyped name does not compile. */
export type WebhookBodies = { readonly [E in EventName]: Received<z.output<(typeof receivedBodySchemas)[E]>> };

/** `T` as read-only at every level, without the index signature of loose objects. A record with free keys stays a
 *  record. */
type Received<T> = T extends readonly (infer Item)[]
  ? readonly Received<Item>[]
  : T extends object
    ? [keyof KnownFields<T>] extends [never]
      ? Readonly<T>
      : { readonly [K in keyof KnownFields<T>]: Received<KnownFields<T>[K]> }
    : T;

type KnownFields<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
