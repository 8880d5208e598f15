/**
 * A check of a verified body against the published schema of its event, for receivers that want more than "the sender sent
 * it". The one function of this door that needs a package: zod, loaded at the first call.
 */
import type { CheckedEvent } from '../contract/schemas/received-bodies.ts';

/** Checks `body` field by field. Fields it does not know pass, since a sender may be newer; an event it does not know does
 *  not. `artifacts` and `error_message` may be missing, for older senders had none. Never rejects for what the body holds. */
export async function checkEvent(body: unknown): Promise<CheckedEvent> {
  const { checkBody } = await import('../contract/schemas/received-bodies.ts');
  return checkBody(body);
}
