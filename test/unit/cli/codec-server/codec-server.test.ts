/** The codec server over real sockets: who gets an answer, what it says, and that a refusal leaks nothing. */
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultPayloadConverter } from '@temporalio/common';
import { CodecAccess } from '../../../../cli/codec-server/access.ts';
import { MAX_BODY_BYTES } from '../../../../cli/codec-server/body.ts';
import { codecListener } from '../../../../cli/codec-server/http.ts';
import { codecServerCommand } from '../../../../cli/codec-server/command.ts';
import { encryptionCodec, generateEncryptionKey } from '../../../../codec/index.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

const ORIGIN = 'https://temporal.example.com';
const TOKEN = 'a-token-of-more-than-thirty-two-characters';
const KEYS = { keys: { k1: generateEncryptionKey() }, activeKeyId: 'k1' };
const access = new CodecAccess({ token: TOKEN, origin: ORIGIN, isSecure: true });
const lines: string[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  const codec = encryptionCodec({ ...KEYS, acceptPlain: true });
  const service = { codec, access, origin: ORIGIN, namespaces: ['prod'], log: (line: string) => void lines.push(line) };
  server = createServer(codecListener(service));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

/** `{ payloads: [one of a canary] }` as JSON, encrypted or plain. */
async function body(kind: 'plain' | 'encrypted'): Promise<string> {
  const payload = defaultPayloadConverter.toPayload({ text: 'canary' });
  const [sent = payload] = kind === 'plain' ? [payload] : await encryptionCodec(KEYS).encode([payload]);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const metadata = Object.fromEntries(
    Object.entries(sent.metadata ?? {}).map(([name, value]) => [name, base64(value)]),
  );
  return JSON.stringify({ payloads: [{ metadata, data: base64(sent.data ?? new Uint8Array()) }] });
}

type Sent = { method?: string; headers?: Record<string, string>; text?: string };
const FINE = { authorization: `Bearer ${TOKEN}`, 'x-namespace': 'prod', 'content-type': 'application/json' };

/** By hand, since fetch does not allow to set Origin, Cookie or Content-Length. */
function ask(path: string, { method = 'POST', headers = FINE, text = '' }: Sent = {}) {
  type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string };
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, { method, headers }, (response) => {
      let answer = '';
      response.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer }));
    });
    request.on('error', reject);
    request.end(text);
  });
}

const without = (name: keyof typeof FINE): Record<string, string> =>
  Object.fromEntries(Object.entries(FINE).filter(([each]) => each !== name));
const errorIn = (text: string): string => String((JSON.parse(text) as { error?: unknown }).error);

describe('with the token and a namespace it serves', () => {
  it('decodes what was encrypted and encodes what is plain, also where the Web UI adds a query', async () => {
    const decoded = await ask('/decode?preserveStorageRefs=true', { text: await body('encrypted') });
    expect([decoded.status, JSON.parse(decoded.text)]).toEqual([200, JSON.parse(await body('plain'))]);
    const encoded = await ask('/encode', { text: await body('plain') });
    expect(encoded.text).not.toContain(Buffer.from('canary').toString('base64').slice(0, 7));
    const back = await ask('/decode', { text: encoded.text });
    expect(JSON.parse(back.text)).toEqual(JSON.parse(await body('plain')));
  });

  it('shows plain payloads as they are: nobody needs a key for those', async () => {
    const answer = await ask('/decode', { text: await body('plain') });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, JSON.parse(await body('plain'))]);
  });

  it('says which key is missing, and that a payload was changed', async () => {
    const foreign = encryptionCodec({ keys: { k9: generateEncryptionKey() }, activeKeyId: 'k9' });
    const [payload] = await foreign.encode([defaultPayloadConverter.toPayload('canary')]);
    const metadata = Object.entries(payload!.metadata!).map(([name, v]) => [name, Buffer.from(v).toString('base64')]);
    const data = Buffer.from(payload!.data!).toString('base64');
    const text = JSON.stringify({ payloads: [{ metadata: Object.fromEntries(metadata), data }] });
    const unknown = await ask('/decode', { text });
    expect([unknown.status, errorIn(unknown.text)]).toEqual([400, 'unknown_key']);
    const renamed = await ask('/decode', { text: text.replace(Buffer.from('k9').toString('base64'), 'azE=') });
    expect([renamed.status, errorIn(renamed.text)]).toEqual([400, 'tampered']);
  });

  it.each([
    '',
    'canary',
    '[]',
    '{"payloads":{}}',
    '{"payloads":[{"data":"not base64!"}]}',
    '{"payloads":[{"metadata":{"a":1}}]}',
  ])('refuses the body %j without quoting it', async (text) => {
    const { status, text: answer } = await ask('/decode', { text });
    expect([status, errorIn(answer)]).toEqual([400, 'bad_request']);
    expect(answer).not.toContain('canary');
  });

  it('reads no more than the limit, whether the length is told or not', async () => {
    expect(MAX_BODY_BYTES).toBe(8_388_608);
    const headers = { ...FINE, 'transfer-encoding': 'chunked' };
    const fits = await ask('/decode', { headers, text: 'x'.repeat(8_388_608) });
    expect([fits.status, errorIn(fits.text)]).toEqual([400, 'bad_request']);
    for (const bytes of [8_388_609, 40_000_000]) {
      const told = await ask('/decode', { headers: { ...FINE, 'content-length': String(bytes) } });
      expect([told.status, errorIn(told.text)]).toEqual([413, 'too_large']);
    }
    const streamed = await ask('/decode', { headers, text: 'x'.repeat(8_388_609) });
    expect([streamed.status, errorIn(streamed.text)]).toEqual([413, 'too_large']);
  });

  it('tells other paths and methods what there is', async () => {
    expect((await ask('/')).status).toBe(401);
    expect([(await ask('/other')).status, (await ask('/decode', { method: 'GET' })).status]).toEqual([404, 405]);
    expect(await ask('/healthz', { method: 'GET', headers: {} })).toMatchObject({ status: 200 });
  });
});

describe('nothing is decoded', () => {
  it.each([
    ['without a token', without('authorization'), 401, 'unauthorized'],
    ['with another token', { ...FINE, authorization: `Bearer ${TOKEN}x` }, 401, 'unauthorized'],
    ['with the token under another scheme', { ...FINE, authorization: `Basic ${TOKEN}` }, 401, 'unauthorized'],
    ['with no namespace', without('x-namespace'), 403, 'namespace_not_allowed'],
    ['for another namespace', { ...FINE, 'x-namespace': 'staging' }, 403, 'namespace_not_allowed'],
    ['for another web origin, token or not', { ...FINE, origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
    ['for an origin that only looks alike', { ...FINE, origin: `${ORIGIN}.evil.example` }, 403, 'origin_not_allowed'],
    ['for the origin null of a sandboxed frame', { ...FINE, origin: 'null' }, 403, 'origin_not_allowed'],
  ])('%s', async (_what, headers, status, error) => {
    const answer = await ask('/decode', { headers, text: await body('encrypted') });
    expect([answer.status, errorIn(answer.text)]).toEqual([status, error]);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('the browser', () => {
  it('is told that the one origin may ask, with the headers that the Web UI sends, and no other may', async () => {
    const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' };
    const allowed = await ask('/decode', { method: 'OPTIONS', headers });
    expect(allowed).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'authorization, content-type, x-namespace',
        'access-control-allow-methods': 'POST',
        vary: 'Origin',
      },
    });
    const refused = await ask('/decode', {
      method: 'OPTIONS',
      headers: { ...headers, origin: 'https://evil.example' },
    });
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  it('logs in with the token, and its cookie opens /decode for scripts of that origin alone', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('/', { method: 'GET', headers: {} })).text).toContain('name="token"');
    expect((await ask('/login', { headers: form, text: 'token=wrong' })).headers['set-cookie']).toBeUndefined();
    const { status, headers } = await ask('/login', { headers: form, text: `token=${TOKEN}` });
    const [set = ''] = headers['set-cookie'] as string[];
    expect([status, set]).toEqual([
      200,
      expect.stringMatching(/^topcalls-codec=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict; Secure$/),
    ]);
    expect(set).not.toContain(TOKEN);
    const cookie = `_csrf=1; ${set.split(';')[0]}`;
    const script = { 'x-namespace': 'prod', cookie };
    expect(
      (await ask('/decode', { headers: { ...script, origin: ORIGIN }, text: await body('encrypted') })).status,
    ).toBe(200);
    expect((await ask('/decode', { headers: script, text: await body('encrypted') })).status).toBe(401);
  });

  it('is logged out after 12 hours, by another token, and by a cookie that was changed', () => {
    const now = 1_790_000_000_000;
    const [cookie = ''] = access.newSession(now).split(';');
    const headers = (changed: string) => ({ cookie: changed, origin: ORIGIN });
    expect(access.allows(headers(cookie), now + 11.9 * 3_600_000)).toBe(true);
    expect(access.allows(headers(cookie), now + 12.1 * 3_600_000)).toBe(false);
    const other = new CodecAccess({ token: `${TOKEN}2`, origin: ORIGIN, isSecure: true });
    expect(other.allows(headers(cookie), now)).toBe(false);
    expect(access.allows(headers(cookie.replace('=1', '=2')), now)).toBe(false);
    expect(access.allows(headers('topcalls-codec='), now)).toBe(false);
  });
});

test('its log tells method, path and status, and nothing that was sent', () => {
  expect(lines).toContainEqual(expect.stringMatching(/^POST \/decode 200 in \d+ ms$/));
  expect(lines.join('\n')).not.toMatch(/canary|token-of|prod|evil/);
});

describe('the command does not start', () => {
  const keys = { TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(KEYS) };
  it.each([
    ['without a token', ['--origin', ORIGIN], keys, /TOPCALLS_CODEC_TOKEN: received nothing/],
    [
      'with a short one',
      ['--origin', ORIGIN],
      { ...keys, TOPCALLS_CODEC_TOKEN: 'hunter2' },
      /received 7 characters that are not shown/,
    ],
    [
      'without keys',
      ['--origin', ORIGIN],
      { TOPCALLS_CODEC_TOKEN: TOKEN },
      /TOPCALLS_ENCRYPTION_KEYS_FILE: received nothing/,
    ],
    ['without an origin', [], keys, /--origin/],
    ['with two origins in one', ['--origin', `${ORIGIN} https://b.example`], keys, /scheme, host and port alone/],
    ['with any origin', ['--origin', '*'], keys, /scheme, host and port alone/],
    [
      'with half of TLS',
      ['--origin', ORIGIN, '--tls-cert', '/c.pem'],
      { ...keys, TOPCALLS_CODEC_TOKEN: TOKEN },
      /belong together/,
    ],
  ])('%s', async (_what, args, env, words) => {
    const { code, stderr } = await runInProcess(codecServerCommand, args, env);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
    expect(stderr).not.toContain('hunter2');
  });
});
