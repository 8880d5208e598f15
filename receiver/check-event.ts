/**
 * A check of a verified body against the schema of its event, for receivers that want more than "the sender sent it".
 * The one function of this door that needs a package: zod, loaded at the first call.
 */
import type { WebhookEvent } from '../contract/event-bodies.ts';

/** What is wrong with a body: the field's path, and what it should be. Never a value. */
export type EventProblem = { readonly field: string; readonly problem: string };

/** What `checkEvent` answers. */
export type CheckedEvent =
  | { readonly ok: true; readonly event: WebhookEvent }
  | { readonly ok: false; readonly problems: readonly EventProblem[] };

/** Checks `body` field by field. Fields it does not know pass, since a sender may be newer; an event it does not know does
 *  not. Never rejects for what the body holds. */
export async function checkEvent(body: unknown): Promise<CheckedEvent> {
  const { checkBody } = await import('../contract/schemas/event-bodies.ts');
  return checkBody(body);
}
