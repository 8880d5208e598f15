/** The table of verdicts and the wait before the next attempt. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { verdictOf, waitMs } from '../../../activities/http/verdict.ts';
import type { AttemptResult } from '../../../activities/http/verdict.ts';

const result = (outcome: AttemptResult['outcome'], code: string, status?: number): AttemptResult => {
  return { outcome, code, responseBytes: 0, durationMs: 1, ...(status === undefined ? {} : { status }) };
};

test.each([200, 201, 204, 299])('%i is delivered', (status) => {
  expect(verdictOf(result('delivered', `http_${status}`, status))).toBe('delivered');
});

test('410 is gone', () => {
  expect(verdictOf(result('http', 'http_410', 410))).toBe('gone');
});

test.each([300, 301, 307, 308, 400, 401, 403, 404, 408, 409, 411, 413, 422, 425, 429, 499, 500, 502, 503, 504, 599])(
  '%i is retried',
  (status) => {
    expect(verdictOf(result('http', `http_${status}`, status))).toBe('retry');
  },
);

test.each(['scheme', 'address', 'port', 'url_parse', 'host_special', 'secret_unknown'])(
  'a refusal by our own rules (%s) ends the delivery',
  (code) => {
    expect(verdictOf(result('refused', code))).toBe('refused');
  },
);

test('a forbidden address that a name resolved to is retried: resolvers glitch', () => {
  expect(verdictOf(result('refused', 'address_resolved'))).toBe('retry');
});

test.each([
  ['network', 'connect_refused'],
  ['network', 'dns_not_found'],
  ['network', 'tls_expired'],
  ['network', 'protocol_error'],
  ['timeout', 'timeout_total'],
  ['unknown', 'unknown'],
] as const)('%s / %s is retried', (outcome, code) => {
  expect(verdictOf(result(outcome, code))).toBe('retry');
});

test.each(['secret_store_down', 'secret_store_odd', 'timeout_tls_queue'])('not_sent / %s spends no attempt', (code) => {
  expect(verdictOf(result('not_sent', code))).toBe('not_sent');
});

test.each([
  [60_000, undefined, 60_000],
  [60_000, 0, 60_000],
  [60_000, 59_999, 60_000],
  [60_000, 120_000, 120_000],
  [60_000, 3_600_000, 3_600_000],
  [60_000, 3_600_001, 3_600_000],
  [60_000, 86_400_000, 3_600_000],
  [86_400_000, 7_200_000, 86_400_000],
])('a step of %i ms and a hint of %p wait %i ms', (stepMs, hint, expected) => {
  expect(waitMs(stepMs, hint)).toBe(expected);
});

test('a hint never shortens the ladder', () => {
  fc.assert(
    fc.property(fc.nat(), fc.option(fc.nat(), { nil: undefined }), (stepMs, hint) => waitMs(stepMs, hint) >= stepMs),
  );
});
