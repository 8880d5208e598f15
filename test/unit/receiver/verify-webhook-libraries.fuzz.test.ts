/** Our verdicts beside those of the two libraries of Standard Webhooks, on generated requests. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { verifyWebhook } from '../../../receiver/index.ts';
import { OTHER_SECRET, SECRET, signedRequest } from './signed-request.ts';

describe('verifyWebhook and the libraries standardwebhooks and svix', () => {
  /** Replaces, inserts or removes one character. */
  const edit = fc.record({ at: fc.nat(), char: fc.constantFrom('', 'A', '0', '=', ',', ' ', '.', 'é') });
  type Edit = { readonly at: number; readonly char: string };
  const damage = (value: string, { at, char }: Edit): string => {
    const index = at % value.length;
    return value.slice(0, index) + char + value.slice(index + 1);
  };

  const accepts = (
    Library: typeof StandardWebhook | typeof SvixWebhook,
    secret: string,
    body: string,
    headers: Record<string, string>,
  ): boolean => {
    try {
      new Library(secret).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  };

  // webhook-timestamp is not edited here: the libraries sign parseInt(timestamp), so they take '1614265330x' for
  // '1614265330'. Ours refuses that, see "is refused with the timestamp".
  type Damage = { readonly body?: Edit; 'webhook-id'?: Edit; 'webhook-signature'?: Edit; secret?: string };
  const damagedParts: fc.Arbitrary<Damage> = fc.record(
    { body: edit, 'webhook-id': edit, 'webhook-signature': edit, secret: fc.constant(OTHER_SECRET) },
    { requiredKeys: [] },
  );

  it('agree on every request, good or tampered with', () => {
    const seen = { accepted: 0, refused: 0 };
    const payload = fc.record({
      event: fc.constant('call.completed'),
      call_summary: fc.string({ unit: 'binary' }).map((s) => s.toWellFormed()),
    });
    fc.assert(
      fc.property(
        payload,
        fc.oneof(fc.constant<Damage>({}), damagedParts),
        fc.boolean(),
        (payload, damaged, rotating) => {
          const request = signedRequest({
            body: JSON.stringify(payload),
            current: rotating ? OTHER_SECRET : SECRET,
            previous: rotating ? [SECRET] : [],
            sentAtSeconds: Math.floor(Date.now() / 1000),
          });
          const headers = { ...request.headers };
          for (const name of ['webhook-id', 'webhook-signature'] as const) {
            if (damaged[name] !== undefined) headers[name] = damage(headers[name] ?? '', damaged[name]);
          }
          // Two signatures joined by a comma. The libraries read the first half and ignore the rest; ours refuses it.
          const joined = request.headers['webhook-signature']?.replace(' ', ',');
          fc.pre(!rotating || headers['webhook-signature'] !== joined);
          const body = damaged.body === undefined ? request.body : damage(request.body, damaged.body);
          const secret = damaged.secret ?? SECRET;

          const ours = verifyWebhook(body, headers, secret).ok;
          expect(ours).toBe(accepts(StandardWebhook, secret, body, headers));
          expect(ours).toBe(accepts(SvixWebhook, secret, body, headers));
          seen[ours ? 'accepted' : 'refused'] += 1;
        },
      ),
      { numRuns: 10_000 },
    );
    expect(seen.accepted).toBeGreaterThan(1_000);
    expect(seen.refused).toBeGreaterThan(1_000);
  });
});
