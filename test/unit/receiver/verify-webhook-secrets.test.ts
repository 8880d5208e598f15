/** Which secrets a request may be signed with: one or several, in a rotation, and of another form. */
import { describe, expect, it } from '@jest/globals';
import { verifyWebhook } from '../../../receiver/index.ts';
import { BODY, OTHER_SECRET, PLAIN_SECRET, secondsLater, SECRET, signedRequest } from './signed-request.ts';
import { onTime, verifyAnything, without } from './verify-anything.ts';

describe('the secrets', () => {
  const { body, headers } = signedRequest();
  const verdict = (secrets: unknown, given = headers): string => {
    const result = verifyAnything(body, given, secrets, onTime);
    return result.ok ? 'ok' : result.code;
  };

  it.each([[''], [undefined], [null], [[]], [['']], [[undefined, '']]])('are missing in %j', (secrets) => {
    expect(verdict(secrets)).toBe('missing_secret');
  });

  it.each([
    [PLAIN_SECRET],
    [`${SECRET}\n`],
    [SECRET.slice('whsec_'.length)],
    ['whsec_'],
    ['whsec_c2hvcnQ='],
    [7],
    [{}],
    [[SECRET, 7]],
    [Buffer.from(SECRET)],
  ])('are bad in %j', (secrets) => {
    expect(verdict(secrets)).toBe('bad_secret');
  });

  it("do not match when they are another endpoint's", () => {
    expect(verdict(OTHER_SECRET)).toBe('signature_mismatch');
    expect(verdict([OTHER_SECRET])).toBe('signature_mismatch');
  });

  it('may be several, in any order, with empty places', () => {
    expect(verdict([OTHER_SECRET, SECRET])).toBe('ok');
    expect(verdict([SECRET, OTHER_SECRET])).toBe('ok');
    expect(verdict([SECRET, '', undefined])).toBe('ok');
    expect(verdict([PLAIN_SECRET, SECRET])).toBe('ok');
  });
});

describe('a rotation', () => {
  const rotating = signedRequest({ current: OTHER_SECRET, previous: [SECRET] });

  it.each([
    ['the old secret', SECRET],
    ['the new secret', OTHER_SECRET],
    ['both, new first', [OTHER_SECRET, SECRET]],
    ['both, old first', [SECRET, OTHER_SECRET]],
  ])('is accepted by a receiver that holds %s', (_held, secrets) => {
    expect(verifyWebhook(rotating.body, rotating.headers, secrets, onTime)).toMatchObject({ ok: true });
  });

  it('lets a receiver change first', () => {
    const before = signedRequest();
    expect(verifyWebhook(before.body, before.headers, [OTHER_SECRET, SECRET], onTime)).toMatchObject({ ok: true });
  });

  it('still refuses a wrong X-TopCalls-Signature to whoever holds the current secret', () => {
    const headers = { ...rotating.headers, 'x-topcalls-signature': 'a'.repeat(64) };
    expect(verifyWebhook(rotating.body, headers, [OTHER_SECRET, SECRET], onTime)).toMatchObject({
      code: 'signature_mismatch',
    });
  });

  it('still refuses a changed body to a receiver that holds only the old secret', () => {
    expect(verifyWebhook(`${rotating.body} `, rotating.headers, SECRET, onTime)).toMatchObject({
      code: 'signature_mismatch',
    });
  });
});

describe('a body-only signature', () => {
  const { body, headers } = signedRequest({ current: PLAIN_SECRET });

  it('is refused unless it is allowed, and the fix names the option', () => {
    expect(verifyWebhook(body, headers, PLAIN_SECRET, onTime)).toMatchObject({
      code: 'missing_header',
      fix: expect.stringContaining('allowBodyOnlySignature'),
    });
  });

  it('is accepted where it is allowed, without the id and time that nothing signed', () => {
    expect(verifyWebhook(body, headers, PLAIN_SECRET, { allowBodyOnlySignature: true })).toEqual({
      ok: true,
      scheme: 'body-only',
      event: 'call.completed',
      payload: JSON.parse(BODY) as unknown,
    });
  });

  it.each(['true', 'false', 1, {}])('is not allowed by %p', (allowBodyOnlySignature) => {
    expect(verifyAnything(body, headers, PLAIN_SECRET, { ...onTime, allowBodyOnlySignature })).toMatchObject({
      code: 'missing_header',
    });
  });

  it('matches any of several secrets', () => {
    const options = { allowBodyOnlySignature: true };
    expect(verifyWebhook(body, headers, [SECRET, PLAIN_SECRET], options)).toMatchObject({ ok: true });
    expect(verifyWebhook(body, headers, [SECRET, OTHER_SECRET], options)).toMatchObject({ code: 'signature_mismatch' });
  });

  it('is refused when it is missing, malformed or over another body', () => {
    const verdict = (rawBody: string, signature: string | undefined): unknown =>
      verifyAnything(rawBody, { ...headers, 'x-topcalls-signature': signature }, PLAIN_SECRET, {
        allowBodyOnlySignature: true,
      });
    expect(verdict(body, undefined)).toMatchObject({ code: 'missing_header' });
    expect(verdict(body, 'abc')).toMatchObject({ code: 'signature_malformed' });
    expect(verdict(`${body} `, headers['x-topcalls-signature'])).toMatchObject({ code: 'signature_mismatch' });
  });

  it('does not stand in for the timestamped scheme once its headers are stripped', () => {
    const full = signedRequest();
    const stripped = without(full.headers, 'webhook-id', 'webhook-timestamp', 'webhook-signature');
    expect(verifyWebhook(full.body, stripped, SECRET, onTime)).toMatchObject({ code: 'missing_header' });
  });

  it('does not switch off the clock where the timestamped scheme is there', () => {
    const full = signedRequest();
    expect(
      verifyWebhook(full.body, full.headers, SECRET, { allowBodyOnlySignature: true, now: secondsLater(301) }),
    ).toMatchObject({ code: 'timestamp_too_old' });
  });
});
