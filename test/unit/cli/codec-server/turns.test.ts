/** How much a holder of the codec server's token can make it keep in memory. */
import { afterAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createServer, request as httpRequest, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodecAccess } from '../../../../cli/codec-server/access.ts';
import { isTooManyParts, MAX_BODY_PARTS } from '../../../../cli/codec-server/body.ts';
import { codecListener } from '../../../../cli/codec-server/http.ts';
import { BODIES_IN_ALL, BODIES_PER_HOLDER, Turns } from '../../../../cli/codec-server/turns.ts';
import { waitFor } from '../../../support/wait-for.ts';

const ORIGIN = 'https://temporal.example.com';
const TOKEN = 'a-token-of-more-than-thirty-two-characters';
const access = new CodecAccess({ token: TOKEN, origin: ORIGIN, isSecure: false });
const lines: string[] = [];
const counts = { now: 0, most: 0 };

/** A codec that takes a moment, and counts how many bodies it has at once. */
const codec = {
  decode: async <T>(payloads: T): Promise<T> => {
    counts.now += 1;
    counts.most = Math.max(counts.most, counts.now);
    await new Promise((resolve) => void setImmediate(resolve));
    counts.now -= 1;
    return payloads;
  },
  encode: async <T>(payloads: T): Promise<T> => payloads,
};
const server = createServer(
  codecListener({ codec, access, origin: ORIGIN, namespaces: ['prod'], log: (line) => void lines.push(line) }),
);
const listening = new Promise<string>((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const session = (second: number) => access.newSession(Date.now() + second * 1_000).split(';', 1)[0] ?? '';

async function open(credential: Record<string, string>, length?: number): Promise<ClientRequest> {
  const headers = { ...credential, 'x-namespace': 'prod', origin: ORIGIN, ...(length && { 'content-length': length }) };
  return httpRequest(`${await listening}/decode`, { method: 'POST', headers });
}

async function status(request: ClientRequest, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });
}

test('a hundred requests of one holder are all answered, two at a time', async () => {
  const body = JSON.stringify({ payloads: [{ data: Buffer.alloc(10_000).toString('base64') }] });
  const requests = Array.from({ length: 100 }, () => open({ authorization: `Bearer ${TOKEN}` }));
  const all = await Promise.all(requests.map(async (request) => status(await request, body)));
  expect(all).toEqual(Array(100).fill(200));
  expect(counts.most).toBeLessThanOrEqual(BODIES_PER_HOLDER);
});

test('one who sends bodies that never end keeps only itself from an answer', async () => {
  const slow = await Promise.all(Array.from({ length: 8 }, () => open({ cookie: session(1) }, 1_000)));
  for (const request of slow) {
    request.on('error', () => {});
    request.write('{');
  }
  expect(await status(await open({ cookie: session(2) }), '{"payloads":[]}')).toBe(200);
  for (const request of slow) request.destroy();
  // Their turns are over with their connections.
  await waitFor('an answer', async () => (await status(await open({ cookie: session(1) }), '{"payloads":[]}')) === 200);
});

test('a body of nothing but empty payloads is refused before it is parsed', async () => {
  const many = JSON.stringify({ payloads: Array.from({ length: MAX_BODY_PARTS }, () => ({})) });
  expect(await status(await open({ authorization: `Bearer ${TOKEN}` }), many)).toBe(413);
  expect(isTooManyParts('['.repeat(250_000))).toBe(false);
  for (const parts of [250_001, 8_000_000]) expect(isTooManyParts('['.repeat(parts))).toBe(true);
});

test('whoever comes, waits and goes: no holder has more than its share, and every request gets its turn', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 80 }), async (holders) => {
      const turns = new Turns();
      const running = new Map<number, number>();
      let served = 0;
      await Promise.all(
        holders.map(async (holder) => {
          const end = await turns.take(String(holder));
          running.set(holder, (running.get(holder) ?? 0) + 1);
          expect(running.get(holder)).toBeLessThanOrEqual(BODIES_PER_HOLDER);
          expect([...running.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(BODIES_IN_ALL);
          await new Promise((resolve) => void setImmediate(resolve));
          running.set(holder, (running.get(holder) ?? 0) - 1);
          end?.();
          end?.();
          served += 1;
        }),
      );
      expect(served).toBe(holders.length);
    }),
    { numRuns: 50 },
  );
});

/** How many of `count` requests have their turn at once; the others wait. */
async function begun(count: number, holders: number): Promise<number> {
  const turns = new Turns();
  let have = 0;
  for (let index = 0; index < count; index += 1) void turns.take(`h${index % holders}`).then(() => (have += 1));
  await new Promise((resolve) => void setImmediate(resolve));
  return have;
}

test.each([
  [2, 1, 2],
  [3, 1, 2],
  [200, 1, 2],
  [4, 4, 4],
  [5, 5, 4],
  [1_000, 1_000, 4],
])('of %i requests of %i holders, %i have their bodies in memory', async (count, holders, expected) => {
  expect(await begun(count, holders)).toBe(expected);
});

test.each([
  [256, 0],
  [257, 1],
  [5_000, 4_744],
])('of %i requests of a holder beyond its turns, %i may not wait', async (count, refused) => {
  const turns = new Turns();
  const first = await turns.take('a');
  await turns.take('a');
  let told = 0;
  const waiting = Array.from({ length: count }, async () => {
    const end = await turns.take('a');
    if (end === undefined) told += 1;
    return end;
  });
  await new Promise((resolve) => void setImmediate(resolve));
  expect(told).toBe(refused);
  expect(await turns.take('b')).toBeInstanceOf(Function);
  first?.();
  expect(await waiting[0]).toBeInstanceOf(Function);
});
