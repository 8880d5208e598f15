/** What a receiver without a log of its own prints, and how often. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { consoleLog } from '../../../receiver/console-log.ts';
import { receive } from '../../../receiver/index.ts';
import type { AnswerCode, ReceiveOptions } from '../../../receiver/index.ts';
import { DRIVES_A_SCREEN, HOSTILE_TEXTS } from '../../support/hostile-text.ts';
import { BODY, OTHER_SECRET, PLAIN_SECRET, secondsLater, SECRET, signedRequest } from './signed-request.ts';

const warn = jest.spyOn(console, 'warn');
const error = jest.spyOn(console, 'error');

beforeEach(() => {
  warn.mockReset().mockImplementation(() => undefined);
  error.mockReset().mockImplementation(() => undefined);
});
afterEach(() => expect(JSON.stringify([warn.mock.calls, error.mock.calls])).not.toContain('+14155551234'));

function aQuietReceiver(change: Partial<ReceiveOptions> = {}) {
  return receive({ secret: SECRET, now: secondsLater(1), on: () => undefined, ...change });
}

/** A log on a clock that the test moves. */
function aLog() {
  let nowMs = 0;
  const log = consoleLog(() => nowMs);
  const refuse = (code: AnswerCode, status: number): void => log({ code, status, fix: 'Do this.', durationMs: 1 });
  return { log, refuse, later: (ms: number) => void (nowMs += ms) };
}

test.each([
  ['another secret', signedRequest({ current: OTHER_SECRET }), 'signature_mismatch'],
  ['no signature', { ...signedRequest(), headers: {} }, 'missing_header'],
  ['no body', { ...signedRequest(), body: '' }, 'body_empty'],
  ['too much', { ...signedRequest(), body: `${BODY}${' '.repeat(5_000_000)}` }, 'body_too_large'],
])('a refused request is told with code and fix: %s', async (_what, request, code) => {
  await aQuietReceiver().answer(request);
  expect(warn.mock.calls).toEqual([[expect.stringMatching(new RegExp(`^webhook receiver: ${code} .+\\.$`))]]);
  expect(error).not.toHaveBeenCalled();
});

test('of refusals with one code there is one line a minute, and the next line counts those between', () => {
  const { refuse, later } = aLog();
  for (let count = 0; count < 5; count += 1) refuse('signature_mismatch', 401);
  refuse('missing_header', 401);
  later(59_999);
  refuse('signature_mismatch', 401);
  expect(warn.mock.calls).toEqual([
    ['webhook receiver: signature_mismatch Do this.'],
    ['webhook receiver: missing_header Do this.'],
  ]);
  later(1);
  refuse('signature_mismatch', 401);
  refuse('missing_header', 401);
  expect(warn.mock.calls.slice(2)).toEqual([
    ['webhook receiver: signature_mismatch Do this.', '(5 more since the last line)'],
    ['webhook receiver: missing_header Do this.'],
  ]);
});

test.each([
  ['timestamp_too_old', 401],
  ['timestamp_too_new', 401],
  ['body_not_json', 400],
  ['event_missing', 400],
] as const)('a refusal although the signature holds is told each time: %s', (code, status) => {
  const { refuse } = aLog();
  for (let count = 0; count < 3; count += 1) refuse(code, status);
  expect(warn).toHaveBeenCalledTimes(3);
});

test('what is accepted, and another method, is no line', async () => {
  const receiver = aQuietReceiver();
  await receiver.answer(signedRequest());
  await receiver.answer(signedRequest());
  await receiver.answer({ ...signedRequest(), method: 'GET' });
  expect(warn).not.toHaveBeenCalled();
  expect(error).not.toHaveBeenCalled();
});

test('wrong set-up and errors of the handler go to console.error, each time', async () => {
  const failure = new Error('database is down');
  const receiver = aQuietReceiver({ on: () => Promise.reject(failure) });
  const parsed = { ...signedRequest(), body: JSON.parse(BODY) as string };
  for (const request of [parsed, parsed, signedRequest()]) await receiver.answer(request);
  expect(error.mock.calls).toEqual([
    [expect.stringContaining('body_not_raw')],
    [expect.stringContaining('body_not_raw')],
    [expect.stringContaining('handler_failed'), failure],
  ]);
});

test.each([
  ['no secret', undefined, 'missing_secret .* it is empty or undefined'],
  ['empty ones', ['', undefined], 'missing_secret'],
  ['a secret of another form', PLAIN_SECRET, 'bad_secret Secret 1 of 1 cannot be used\\. '],
  [
    'a line break behind the second',
    [SECRET, `${OTHER_SECRET}\n`],
    'bad_secret Secret 2 of 2 has a blank or line break',
  ],
  ['a number', 7, 'bad_secret Secret 1 of 1 is of type number'],
])('a receiver made with %s says so at once, and shows no secret', (_what, secret, words) => {
  aQuietReceiver({ secret: secret as never, log: () => undefined });
  expect(warn.mock.calls).toEqual([[expect.stringMatching(new RegExp(`^webhook receiver: ${words}`))]]);
  const told = JSON.stringify(warn.mock.calls);
  for (const text of [PLAIN_SECRET, SECRET.slice(6), OTHER_SECRET.slice(6)]) expect(told).not.toContain(text);
});

test.each([
  ['a good secret', { secret: SECRET }],
  ['a good one beside an empty one', { secret: [SECRET, undefined] }],
  ['one of another form, where that is allowed', { secret: PLAIN_SECRET, allowBodyOnlySignature: true }],
])('a receiver made with %s says nothing', (_what, change) => {
  aQuietReceiver(change);
  expect(warn).not.toHaveBeenCalled();
});

test('an id that a stranger sent drives no terminal', () => {
  const { log } = aLog();
  for (const [index, id] of HOSTILE_TEXTS.entries()) {
    log({ code: 'handler_failed', status: 500, id, fix: 'Do this.', durationMs: index });
  }
  expect(error.mock.calls).toHaveLength(HOSTILE_TEXTS.length);
  for (const [line] of error.mock.calls) expect(line).not.toMatch(DRIVES_A_SCREEN);
});
