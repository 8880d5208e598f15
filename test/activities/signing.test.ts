/** The headers of an attempt: which secrets sign it, and what happens without one. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import type { SigningSecrets } from '../../activities/index.ts';
import { verifyWebhook } from '../../receiver/index.ts';
import { SECRET } from '../support/builders.ts';
import { startReceiver, type ReceivedRequest, type Receiver } from '../support/receiver.ts';
import { aDelivery, asStored, runActivity, type ActivityWorld } from '../support/run-activity.ts';
import { endsAfter, stopClock } from '../support/stopped-clock.ts';
import type { DeliverInput } from '../../contract/run-messages.ts';
import vector from '../vectors/seed-call-completed.json';

const OLD_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterEach(() => void jest.useRealTimers());
afterAll(() => receiver.close());

async function attempt(
  forEndpoint: SigningSecrets['forEndpoint'],
  change: Partial<DeliverInput> = {},
  info: ActivityWorld['info'] = {},
) {
  const before = receiver.requests.length;
  const input = aDelivery(receiver.url, { body: vector.body, ...change });
  const run = await runActivity((own) => own.deliverWebhook(input), {
    ports: { secrets: { forEndpoint } },
    info,
  });
  return { ...run, posts: receiver.requests.slice(before) };
}

/** The one request that came. */
function only(posts: readonly ReceivedRequest[]): ReceivedRequest & { readonly signed: Record<string, string> } {
  const [post] = posts;
  if (post === undefined || posts.length > 1) throw new Error(`${posts.length} requests came`);
  return { ...post, signed: post.headers as Record<string, string> };
}

test.each(['secret_in_reference', 'secret_ref_invalid', 'too_many_endpoints'] as const)(
  'an endpoint that its settings refuse (%s) gets nothing: no secret is looked up, and the ladder ends',
  async (refusal) => {
    const looked = jest.fn(() => ({ current: SECRET }));
    const { endpoint } = aDelivery(receiver.url);
    const { failure, posts } = await attempt(looked, { body: '', endpoint: { ...endpoint, refusal } });
    expect(posts).toEqual([]);
    expect(looked).not.toHaveBeenCalled();
    expect(failure).toMatchObject({ type: 'DeliveryRefused', nonRetryable: true });
    expect(failure?.details?.[0]).toMatchObject({ attempt: { outcome: 'refused', code: refusal }, bodyBytes: 0 });
  },
);

describe('a signed attempt', () => {
  it('sends exactly the headers of the contract', async () => {
    stopClock('2025-12-22T10:32:36.900Z');
    const { headers, body } = only((await attempt(() => ({ current: SECRET }), {}, { attempt: 3 })).posts);
    expect(body).toBe(vector.body);
    expect(headers).toEqual({
      host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      connection: 'close',
      accept: '*/*',
      'content-type': 'application/json',
      'content-length': '753',
      'user-agent': 'TopCalls-Webhooks/0.1.0',
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1766399556',
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      'x-topcalls-signature': vector['x-topcalls-signature'],
      'x-topcalls-event': 'call.completed',
      'x-topcalls-attempt': '3',
    });
  });

  it.each([StandardWebhook, SvixWebhook])('is accepted by the npm library (%p)', async (Webhook) => {
    const { body, signed } = only((await attempt(() => ({ current: SECRET }))).posts);
    expect(new Webhook(SECRET).verify(body, signed)).toEqual(JSON.parse(vector.body));
  });

  it('is accepted by our own receiver door', async () => {
    const body = JSON.stringify({ ...(JSON.parse(vector.body) as object), event: 'call.completed' });
    const post = only((await attempt(() => ({ current: SECRET }), { body })).posts);
    expect(verifyWebhook(post.body, post.signed, SECRET)).toMatchObject({ ok: true, event: 'call.completed' });
  });

  it('has content-length in bytes where the body is beyond ASCII', async () => {
    const body = '{"call_summary":"Grüße 👋"}';
    const post = only((await attempt(() => ({ current: SECRET }), { body })).posts);
    expect(post.body).toBe(body);
    expect(post.headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  it('asks for the secret by the endpoint’s reference', async () => {
    const asked: string[] = [];
    await attempt((ref) => {
      asked.push(ref);
      return { current: SECRET };
    });
    expect(asked).toEqual(['main']);
  });
});

describe('a rotation', () => {
  it('takes effect inside a ladder: each attempt asks again', async () => {
    const secrets = [OLD_SECRET, SECRET];
    const forEndpoint = () => ({ current: secrets.shift() ?? '' });
    const first = only((await attempt(forEndpoint)).posts);
    const second = only((await attempt(forEndpoint, {}, { attempt: 2 })).posts);
    expect(new StandardWebhook(OLD_SECRET).verify(first.body, first.signed)).toBeDefined();
    expect(new StandardWebhook(SECRET).verify(second.body, second.signed)).toBeDefined();
  });

  it.each([
    ['new', SECRET],
    ['old', OLD_SECRET],
  ])('is accepted with the %s secret meanwhile', async (_which, secret) => {
    const { posts } = await attempt(async () => ({ current: SECRET, previous: [OLD_SECRET] }));
    const { body, signed } = only(posts);
    expect(new StandardWebhook(secret).verify(body, signed)).toBeDefined();
    expect(new SvixWebhook(secret).verify(body, signed)).toBeDefined();
    expect(signed['webhook-signature']?.split(' ')).toHaveLength(2);
    // One value, made with the new secret: the vendor's verifier throws on any other length.
    expect(signed['x-topcalls-signature']).toBe(vector['x-topcalls-signature']);
  });

  it.each([
    ['empty ones', ['', OLD_SECRET]],
    ['null among them', [null, OLD_SECRET]],
    ['numbers among them', [7, OLD_SECRET]],
  ])('passes over previous secrets that are none: %s', async (_what, previous) => {
    const { value, posts } = await attempt(() => ({ current: SECRET, previous: previous as string[] }));
    expect(value?.attempt.outcome).toBe('delivered');
    expect(only(posts).signed['webhook-signature']?.split(' ')).toHaveLength(2);
  });

  it.each([
    [9, 10],
    [10, 10],
    [5_000, 10],
  ])(
    'signs with the current secret and of %i previous ones with the newest: %i signatures',
    async (count, signatures) => {
      const previous = Array.from(
        { length: count },
        (_, index) => `whsec_${Buffer.alloc(32, `${index}`).toString('base64')}`,
      );
      const { headers } = only((await attempt(() => ({ current: SECRET, previous }))).posts);
      expect(String(headers['webhook-signature']).split(' ')).toHaveLength(signatures);
    },
  );

  it.each([['null'], ['a text'], ['an object']])('goes on without previous secrets where they are %s', async (what) => {
    const previous = { null: null, 'a text': OLD_SECRET, 'an object': {} }[what] as unknown as string[];
    const { value, posts } = await attempt(() => ({ current: SECRET, previous }));
    expect(value?.attempt.outcome).toBe('delivered');
    expect(only(posts).signed['webhook-signature']?.split(' ')).toHaveLength(1);
  });
});

test('a secret of another form signs X-TopCalls-Signature only, and that is said', async () => {
  const { posts, lines } = await attempt(() => ({ current: 'plain secret' }));
  const { signed } = only(posts);
  expect(signed).not.toHaveProperty('webhook-signature');
  expect(signed['x-topcalls-signature']).toBe(createHmac('sha256', 'plain secret').update(vector.body).digest('hex'));
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toContain(
    'warn webhook.signed_by_legacy_header_only',
  );
  expect(JSON.stringify(lines)).not.toContain('plain secret');
});

test('an endpoint without a reference goes unsigned, and that is said loudly', async () => {
  stopClock('2025-12-22T10:32:36.900Z');
  const { secretRef: _none, ...endpoint } = aDelivery(receiver.url).endpoint;
  const { posts, lines, value } = await attempt(() => ({ current: SECRET }), { endpoint });
  expect(value?.attempt.outcome).toBe('delivered');
  const { signed } = only(posts);
  expect(signed).not.toHaveProperty('webhook-signature');
  expect(signed).not.toHaveProperty('x-topcalls-signature');
  expect(signed['webhook-id']).toBe('msg_p5jXN8AQM9LWM0D4loKWxJek');
  expect(signed['webhook-timestamp']).toBe('1766399556');
  expect(lines[0]).toMatchObject({ level: 'warn', message: 'webhook.unsigned', endpointId: 'ep_abcdefghijkl' });
});

describe('a reference that is wrong ends the delivery refused, and nothing is sent', () => {
  it.each([
    ['nobody knows it', () => undefined, 'secret_unknown'],
    ['the store answers null', () => null as never, 'secret_unknown'],
    ['its secret is empty', () => ({ current: '' }), 'secret_empty'],
    ['the store answers an empty text', () => '', 'secret_empty'],
  ])('%s', async (_what, forEndpoint: SigningSecrets['forEndpoint'], code) => {
    const { failure, posts, lines, signals } = await attempt(forEndpoint);
    expect(posts).toEqual([]);
    expect(signals).toEqual([]);
    expect(failure).toMatchObject({ type: 'DeliveryRefused', nonRetryable: true });
    expect(failure?.message).toMatch(
      new RegExp(`^attempt 1 of 5: ${code} from 127\\.0\\.0\\.1 in 0 ms; not retried: `),
    );
    expect(failure?.details?.[0]).toMatchObject({ attempt: { outcome: 'refused', code } });
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'error webhook.no_secret',
      'error webhook.attempted',
    ]);
  });
});

test('a store that answers the secret itself is taken at its word', async () => {
  const { posts, value } = await attempt(() => SECRET);
  expect(value?.attempt.outcome).toBe('delivered');
  expect(only(posts).signed['x-topcalls-signature']).toBe(vector['x-topcalls-signature']);
});

describe('a store that is down spends no attempt, and nothing is sent', () => {
  const hush = 'postgres://admin:hush@db/secrets';
  it.each([
    ['it throws', () => Promise.reject(Object.assign(new Error(hush), { code: 'ECONNREFUSED' })), 'ECONNREFUSED'],
    [
      'it throws at once',
      () => {
        throw new TypeError(hush);
      },
      'TypeError',
    ],
    ['it throws what is no error', () => Promise.reject(hush), 'unknown_error'],
  ])('%s', async (_what, forEndpoint: SigningSecrets['forEndpoint'], error) => {
    const { failure, posts, lines, signals } = await attempt(forEndpoint);
    expect(posts).toEqual([]);
    expect(failure).toMatchObject({ type: 'WebhookNotSent', nonRetryable: true });
    expect(failure?.message).toBe(
      'attempt 1 of 5 was not sent to 127.0.0.1 (secret_store_down); ' +
        'our own fault, so no attempt is spent; it goes once our side can send',
    );
    expect(failure?.details?.[0]).toMatchObject({ attempt: { outcome: 'not_sent', code: 'secret_store_down' } });
    // The failure tells the run at once, so there is no signal.
    expect(signals).toEqual([]);
    expect(lines).toMatchObject([
      { level: 'error', message: 'webhook.secret_store_down', code: 'secret_store_down', error },
      { level: 'info', message: 'webhook.attempted', verdict: 'not_sent', attempt: 1 },
    ]);
    const said = JSON.stringify(lines) + (failure === undefined ? '' : asStored(failure));
    expect(said).not.toContain('hush');
  });

  it('it hangs for 5 seconds', async () => {
    stopClock();
    const hanging = attempt(() => new Promise(() => undefined));
    const { failure, posts, lines } = await endsAfter(5_000, hanging);
    expect(posts).toEqual([]);
    expect(failure).toMatchObject({ type: 'WebhookNotSent', nonRetryable: true });
    expect(lines[0]).toMatchObject({ message: 'webhook.secret_store_down', error: 'time_limit' });
  });

  it.each([
    ['a number', () => 7, 'current_is_number'],
    ['a list', () => [SECRET], 'current_is_undefined'],
    ['an object without a secret', () => ({}), 'current_is_undefined'],
    ['a secret that is no text', () => ({ current: Buffer.from(SECRET) }), 'current_is_object'],
    ['a secret that is null', () => ({ current: null }), 'current_is_null'],
  ] as readonly [string, () => unknown, string][])('it answers %s', async (_what, forEndpoint, error) => {
    const { failure, posts, lines } = await attempt(forEndpoint as SigningSecrets['forEndpoint']);
    expect(posts).toEqual([]);
    expect(failure).toMatchObject({ type: 'WebhookNotSent', nonRetryable: true });
    expect(lines[0]).toMatchObject({ level: 'error', code: 'secret_store_odd', error });
    expect(JSON.stringify(lines)).not.toContain(SECRET.slice(6));
  });

  it('the worker has no store', async () => {
    const { failure, posts, lines } = await attempt(undefined as never);
    expect(posts).toEqual([]);
    expect(failure).toMatchObject({ type: 'WebhookNotSent' });
    expect(lines[0]).toMatchObject({ level: 'error', code: 'secret_store_missing' });
  });

  it('the delivery has waited for us ten times: the attempt is spent, and the ladder goes on', async () => {
    const { failure, posts, signals } = await attempt(() => Promise.reject(new Error(hush)), { spendsNotSent: true });
    expect(posts).toEqual([]);
    expect(failure).toMatchObject({ type: 'WebhookAttemptFailed', nonRetryable: false, nextRetryDelay: 60_000 });
    expect(signals).toHaveLength(1);
  });
});

test('no failure and no log line ever holds a secret', async () => {
  for (const status of [200, 503, 410]) {
    receiver.answer(status);
    const { lines, failure } = await attempt(() => ({ current: SECRET, previous: [OLD_SECRET] }));
    const said = JSON.stringify(lines) + (failure === undefined ? '' : asStored(failure));
    expect(said).not.toContain(SECRET.slice(6));
    expect(said).not.toContain(OLD_SECRET.slice(6));
    expect(said).not.toContain(vector['x-topcalls-signature']);
  }
});
