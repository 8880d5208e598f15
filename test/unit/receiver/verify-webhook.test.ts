/** What `verifyWebhook` answers to a request that the sender made, and how old that may be. */
import { describe, expect, it } from '@jest/globals';
import { verifyWebhook } from '../../../receiver/index.ts';
import type { VerifyOptions } from '../../../receiver/index.ts';
import vector from '../../vectors/seed-call-completed.json';
import { BODY, secondsLater, SECRET, signedRequest } from './signed-request.ts';
import { foreignArrayBuffer, onTime, verifyAnything, without } from './verify-anything.ts';

describe('a good request', () => {
  const { body, headers } = signedRequest();
  const accepted = {
    ok: true,
    scheme: 'standard',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1614265330,
    event: 'call.completed',
    payload: JSON.parse(BODY) as unknown,
  };

  it.each([
    ['text', body],
    ['a Buffer', Buffer.from(body)],
    ['a Uint8Array', new TextEncoder().encode(body)],
    ['a part of a larger buffer', Buffer.from(`xx${body}xx`).subarray(2, -2)],
    ['an ArrayBuffer', new TextEncoder().encode(body).buffer],
    ['an ArrayBuffer of another realm', foreignArrayBuffer(body)],
  ])('is accepted with the body as %s', (_kind, rawBody) => {
    expect(verifyAnything(rawBody, headers, SECRET, onTime)).toEqual(accepted);
  });

  it.each([
    ["node's lower-case headers", headers],
    ['a Fetch Headers', new Headers(headers)],
    ['a Map', new Map(Object.entries(headers))],
    [
      'a Map with upper-case names',
      new Map(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    ],
    ['a Map with one-entry arrays', new Map(Object.entries(headers).map(([name, value]) => [name, [value]]))],
    ['a get that answers with lists', { get: (name: keyof typeof headers) => [headers[name]] }],
    [
      'upper-case names',
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    ],
    ['one-entry arrays', Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))],
    ['an object without prototype', Object.assign(Object.create(null) as object, headers)],
    ['other headers beside', { ...headers, host: 'crm.example.com', 'set-cookie': ['a=1', 'b=2'], te: undefined }],
    ['no X-TopCalls-Signature', without(headers, 'x-topcalls-signature')],
  ])('is accepted with %s', (_kind, given) => {
    expect(verifyAnything(body, given, SECRET, onTime)).toEqual(accepted);
  });

  it('is accepted with text beyond ASCII', () => {
    const request = signedRequest({ body: '{"call_summary":"Grüße 👋","event":"call.completed"}' });
    expect(verifyWebhook(request.body, request.headers, SECRET, onTime)).toMatchObject({ ok: true });
    expect(verifyWebhook(Buffer.from(request.body), request.headers, SECRET, onTime)).toMatchObject({ ok: true });
  });

  it('is judged by the real clock unless told otherwise', () => {
    const request = signedRequest({ sentAtSeconds: Math.floor(Date.now() / 1000) });
    expect(verifyWebhook(request.body, request.headers, SECRET)).toMatchObject({ ok: true });
    expect(verifyWebhook(body, headers, SECRET)).toMatchObject({ ok: false, code: 'timestamp_too_old' });
  });
});

describe('the golden vector', () => {
  it('is accepted with all its headers, and its event read from status', () => {
    const headers = {
      'x-topcalls-signature': vector['x-topcalls-signature'],
      'webhook-id': vector['webhook-id'],
      'webhook-timestamp': vector['webhook-timestamp'],
      'webhook-signature': vector['webhook-signature'],
    };
    expect(verifyWebhook(vector.body, headers, vector.secret, onTime)).toMatchObject({
      ok: true,
      scheme: 'standard',
      id: vector['webhook-id'],
      event: 'call.completed',
    });
  });
});

describe('the event', () => {
  const eventIn = (payload: unknown): unknown => {
    const { body, headers } = signedRequest({ body: JSON.stringify(payload) });
    const result = verifyWebhook(body, { ...headers, 'x-topcalls-event': 'webhook.test' }, SECRET, onTime);
    return result.ok ? result.event : result.code;
  };

  it('is read from the signed body, never from X-TopCalls-Event', () => {
    expect(eventIn({ event: 'campaign.started' })).toBe('campaign.started');
  });

  it('may be one this version does not know', () => {
    expect(eventIn({ event: 'call.transferred' })).toBe('call.transferred');
  });

  it("is decided by status where a call's body names none, as in the vendor's sample", () => {
    expect(eventIn({ call_id: 'c1', status: 'completed' })).toBe('call.completed');
    expect(eventIn({ call_id: 'c1', status: 'failed' })).toBe('call.failed');
  });

  it.each([
    [{}],
    [{ event: '' }],
    [{ event: 7, call_id: 'c1', status: 'completed' }],
    [{ event: null, call_id: 'c1', status: 'completed' }],
    [{ status: 'completed' }],
    [{ call_id: 'c1', status: 'ringing' }],
    [{ call_id: 'c1', call_status: 'completed' }],
  ])('is missing from %j', (payload) => {
    expect(eventIn(payload)).toBe('event_missing');
  });

  it.each(['[]', '"text"', 'null', '1', '{"event":', 'event=call.completed'])('needs a JSON object, not %s', (body) => {
    const request = signedRequest({ body });
    expect(verifyWebhook(request.body, request.headers, SECRET, onTime)).toMatchObject({ code: 'body_not_json' });
  });
});

describe('the tolerance', () => {
  const { body, headers } = signedRequest();
  const verdictAfter = (seconds: number, options: VerifyOptions = {}): string => {
    const result = verifyWebhook(body, headers, SECRET, { ...options, now: secondsLater(seconds) });
    return result.ok ? 'ok' : result.code;
  };

  it('is 300 seconds each way, the edge included', () => {
    expect(verdictAfter(300)).toBe('ok');
    expect(verdictAfter(301)).toBe('timestamp_too_old');
    expect(verdictAfter(-300)).toBe('ok');
    expect(verdictAfter(-301)).toBe('timestamp_too_new');
  });

  it('can be set', () => {
    expect(verdictAfter(10, { toleranceSeconds: 10 })).toBe('ok');
    expect(verdictAfter(11, { toleranceSeconds: 10 })).toBe('timestamp_too_old');
    expect(verdictAfter(0, { toleranceSeconds: 0 })).toBe('ok');
    expect(verdictAfter(-1, { toleranceSeconds: 0 })).toBe('timestamp_too_new');
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '300', null, {}])('is never %p', (toleranceSeconds) => {
    expect(verifyAnything(body, headers, SECRET, { toleranceSeconds })).toMatchObject({ code: 'bad_option' });
  });

  it.each(['tolerance', 'tolerance_seconds', 'secret', '\n'])('an unknown option %j is named and refused', (name) => {
    const answer = verifyAnything(body, headers, SECRET, { [name]: 10, now: secondsLater(11) });
    expect(answer).toMatchObject({ code: 'bad_option', fix: expect.stringContaining('it has toleranceSeconds, ') });
    expect(answer).toMatchObject({ fix: expect.stringMatching(/^verifyWebhook has no option ".+"; /) });
  });

  it.each([[1614265330000], [() => Number.NaN], [() => new Date()], ['now']])('takes no clock like %p', (now) => {
    expect(verifyAnything(body, headers, SECRET, { now })).toMatchObject({ code: 'bad_option' });
  });

  it('says "too old" only of a request whose signature holds', () => {
    const forged = { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}=` };
    expect(verifyWebhook(body, forged, SECRET, { now: secondsLater(9999) })).toMatchObject({
      code: 'signature_mismatch',
    });
  });
});
