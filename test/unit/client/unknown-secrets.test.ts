/** The reference of a secret that could not be used is told, unless it looks like a secret. */
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { DeliveryStatus } from '../../../contract/delivery-state.ts';
import { withSecretRefs } from '../../../client/unknown-secrets.ts';

const aDelivery = (reason: string): DeliveryStatus => ({
  endpointId: 'ep_a',
  host: 'crm.example.com',
  webhookId: 'msg_1',
  state: 'refused',
  reason,
  attempts: [],
});
const KEY = createHash('sha256').update('a key').digest('base64');
const SECRETS = [`whsec_${KEY}`, ' WHSEC_x', '-----BEGIN PRIVATE KEY-----', 'a1'.repeat(32), KEY];

const told = (secretRef: string | undefined, reason = 'secret_unknown') =>
  withSecretRefs([aDelivery(reason)], { input: { endpoints: [{ endpointId: 'ep_a', secretRef }] } as never });

test('the reference is told where its secret is unknown or empty, and nowhere else', () => {
  expect(told('acct_7')[0]?.secretRef).toBe('acct_7');
  expect(told('acct_7', 'secret_empty')[0]?.secretRef).toBe('acct_7');
  expect(told('acct_7', 'scheme')[0]).not.toHaveProperty('secretRef');
  expect(told(undefined)[0]).not.toHaveProperty('secretRef');
});

test.each(SECRETS)('a reference that looks like a secret is never told: %#', (secret) => {
  expect(JSON.stringify(told(secret))).not.toContain(secret);
});

test('an endpoint that an earlier run ended has its reference, too', () => {
  const endpoint = { endpointId: 'ep_a', secretRef: 'acct_7' };
  const input = { endpoints: [], redelivery: { cycle: 2, alreadyEnded: [{ endpoint }] } } as never;
  expect(withSecretRefs([aDelivery('secret_unknown')], { input })[0]?.secretRef).toBe('acct_7');
});
