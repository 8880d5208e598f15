/** Spellings of forbidden addresses that have fooled somebody: the URL parser turns each into dotted form or brackets. */
import { expect, test } from '@jest/globals';
import { DEFAULT_EGRESS_POLICY } from '../../../contract/egress-policy.ts';
import { judgeWebhookUrl } from '../../../contract/webhook-url.ts';

test.each([
  'https://127.0.0.1',
  'https://127.1',
  'https://127.0.1',
  'https://2130706433',
  'https://0x7f000001',
  'https://0x7f.0.0.1',
  'https://0177.0.0.1',
  'https://017700000001',
  'https://0x7F.1',
  'https://127.0.0.1.',
  'https://0',
  'https://0x',
  'https://１２７.0.0.1',
  'https://①②⑦.0.0.1',
  'https://127。0。0。1',
  'https://127．0｡0.1',
  'https://%31%32%37.0.0.1',
  'https://[::1]',
  'https://[::]',
  'https://[0:0:0:0:0:0:0:1]',
  'https://[::ffff:127.0.0.1]',
  'https://[::ffff:7f00:1]',
  'https://[::127.0.0.1]',
  'https://[64:ff9b::7f00:1]',
  'https://[2002:7f00:1::]',
  'https://[fe80::1]',
  'https://[fd00:ec2::254]',
  'https://10.0.0.1',
  'https://0251.0376.0251.0376',
  'https://2852039166',
  'https://169.254.169.254/latest/meta-data/',
])('%s is a forbidden address, whatever its spelling', (text) => {
  expect(judgeWebhookUrl(text, DEFAULT_EGRESS_POLICY)).toMatchObject({ ok: false, code: 'address' });
});
