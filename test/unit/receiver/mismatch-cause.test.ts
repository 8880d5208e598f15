/** A signature that does not match: the refusal names the cause if the body shows it. */
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { verifyWebhook } from '../../../receiver/index.ts';
import type { RawBody } from '../../../receiver/index.ts';
import { BODY, OTHER_SECRET, PLAIN_SECRET, secondsLater, SECRET, signedRequest } from './signed-request.ts';

const options = { now: secondsLater(1) };

function fixOf(body: RawBody, headers: Record<string, string> = {}, secret = SECRET): string {
  const result = verifyWebhook(body, { ...signedRequest().headers, ...headers }, secret, options);
  expect(result).toMatchObject({ ok: false, code: 'signature_mismatch' });
  return result.ok ? '' : result.fix;
}

test.each<[string, RawBody, RegExp]>([
  ['a line break at its end', `${BODY}\n`, /secret is right, but a line break or blank was added/],
  ['blanks around it', ` ${BODY}\r\n`, /secret is right, but a line break or blank was added/],
  ['a byte order mark', `\u{FEFF}${BODY}`, /secret is right, but a line break or blank was added/],
  ['another print of it', JSON.stringify(JSON.parse(BODY), undefined, 2), /secret is right, but .* printed again/],
  ['a print of it as text', JSON.stringify(BODY), /secret is right, but .* printed again/],
  ['its base64', Buffer.from(BODY).toString('base64'), /secret is right, but the body is base64 of JSON/],
  ['gzip', gzipSync(BODY), /body is compressed \(gzip\)/],
])('a body with or as %s', (_what, body, cause) => {
  expect(fixOf(body)).toMatch(cause);
  expect(fixOf(body)).toMatch(/^The signature does not match\. .+\.$/);
});

test('with another secret nothing is said of the secret', () => {
  expect(fixOf(`${BODY}\n`, {}, OTHER_SECRET)).toMatch(/another secret or over other bytes/);
  expect(fixOf(Buffer.from(BODY).toString('base64'), {}, OTHER_SECRET)).toMatch(/match\. The body is base64 of JSON/);
});

test('an old request that was printed again says so: the signature itself is right', () => {
  const result = verifyWebhook(`${BODY}\n`, signedRequest().headers, SECRET, { now: secondsLater(9_999) });
  expect(result).toMatchObject({ ok: false, fix: expect.stringContaining('secret is right') });
});

test('a body that is shorter or longer than its content-length', () => {
  const headers = { 'content-length': String(BODY.length) };
  expect(fixOf(BODY.slice(0, 100), headers)).toMatch(/body is shorter than content-length says/);
  expect(fixOf(`${BODY}}`, headers)).toMatch(/body is longer than content-length says/);
});

test('a content-length that fits, or is no number, tells nothing', () => {
  for (const length of [String(Buffer.byteLength(`${BODY} x`)), 'many']) {
    expect(fixOf(`${BODY} x`, { 'content-length': length })).toMatch(/another secret or over other bytes/);
  }
});

test('a body-only signature names its cause, too', () => {
  const { headers } = signedRequest({ current: PLAIN_SECRET });
  const result = verifyWebhook(`${BODY}\n`, headers, PLAIN_SECRET, { ...options, allowBodyOnlySignature: true });
  expect(result).toMatchObject({ ok: false, fix: expect.stringContaining('secret is right') });
});

test('a tampered body is a mismatch without a cause, however it is printed', () => {
  const tampered = BODY.replace('completed', 'failed');
  for (const body of [tampered, `${tampered}\n`, JSON.stringify(JSON.parse(tampered), undefined, 1)]) {
    expect(fixOf(body)).toMatch(/another secret or over other bytes/);
  }
});
