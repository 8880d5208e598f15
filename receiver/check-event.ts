/**
 * Checks a verified body against the published schema of its event, for receivers that want more than a valid
 * signature. The only function of this door that needs a package: zod, which is loaded at the first call.
 */
import type { CheckedEvent } from '../contract/schemas/received-bodies.ts';

/** Checks `body` field by field. Unknown fields pass, since the sender may be newer; an unknown event does not pass.
 *  `artifacts` and `error_message` may be missing, since older senders did not send them. Whatever the body holds, the
 *  promise resolves with the result; it rejects only where zod is not installed. */
export async function checkEvent(body: unknown): Promise<CheckedEvent> {
  const { checkBody } = await import('../contract/schemas/received-bodies.ts');
  return checkBody(body);
}
