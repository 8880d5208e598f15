/**
 * The vendor page's verifier, letter for letter, except for TypeScript's parameter types and this repository's line
 * breaks.
 */
import crypto from 'crypto';

export function verifyWebhookSignature(payload: unknown, signature: string, secret: string): boolean {
  const hmac = crypto.createHmac('sha256', secret);
  const digest = hmac.update(JSON.stringify(payload)).digest('hex');
  return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(digest));
}
