/**
 * Spellings of forbidden addresses that once fooled a check. The URL parser turns each into dotted form or brackets.
 */
import { expect, test } from '@jest/globals';
import { DEFAULT_EGRESS_POLICY } from '../../../contract/egress/policy.ts';
import { judgeWebhookUrl } from '../../../contract/egress/url-rules.ts';
import { LITERAL_URLS } from '../../support/forbidden-urls.ts';

// Only those with an odd host. Odd parts elsewhere (userinfo, backslashes) break an earlier rule.
const hosts = LITERAL_URLS.flatMap((url) => /^http:\/\/([^@\s]+):PORT\/hook$/.exec(url)?.[1] ?? []);

test('there are over 90 of them', () => {
  expect(hosts.length).toBeGreaterThan(90);
});

test.each(hosts)('%s is a forbidden address, whatever its spelling', (host) => {
  expect(judgeWebhookUrl(`https://${host}/hook`, DEFAULT_EGRESS_POLICY)).toMatchObject({ ok: false, code: 'address' });
});
