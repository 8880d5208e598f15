/** What a run sent, read from recorded histories; and the command that sends it again, as a shell takes it. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { curlCommand, shellQuoted } from '../../../client/curl-command.ts';
import { statusOf } from '../../../client/run-status.ts';
import type { RunFacts } from '../../../client/run-facts.ts';
import { requestOf, type WebhookRequest } from '../../../client/sent-request.ts';
import { cutsOf, readRunFacts, type JsonEvent } from '../../support/replayed-status.ts';

const HISTORIES = join(__dirname, '../../replay/histories');
const names = readdirSync(HISTORIES).map((file) => file.replace('.json', ''));
const eventsOf = (name: string): JsonEvent[] =>
  (JSON.parse(readFileSync(join(HISTORIES, `${name}.json`), 'utf8')) as { events: JsonEvent[] }).events;

const factsOf = (name: string, events = eventsOf(name)): Promise<RunFacts> => readRunFacts({ name, events }, 'RUNNING');

function told(run: RunFacts, options: { readonly showUrl?: boolean } = {}): WebhookRequest {
  const status = statusOf(run);
  if (run.input === undefined || status === undefined) throw new Error('no run of ours');
  return requestOf(run, run.input, status, options);
}
const requestIn = async (name: string, options = {}): Promise<WebhookRequest> => told(await factsOf(name), options);

describe('every recorded run', () => {
  it('tells the body whose hash its workers reported, and no URL beyond its host', async () => {
    let reported = 0;
    for (const name of names) {
      const run = await factsOf(name);
      const request = told(run);
      for (const { attempts } of request.requests) {
        const hashes = attempts.flatMap(({ bodySha256 }) => bodySha256 ?? []);
        reported += hashes.length;
        // Nothing is sent to a refused endpoint, so its worker hashed nothing.
        const sent = hashes.filter((hash) => hash !== createHash('sha256').update('').digest('hex'));
        expect([name, ...new Set(sent)]).toEqual([name, ...(sent.length > 0 ? [request.body?.sha256] : [])]);
      }
      const { body, ...rest } = request;
      const urls = run.input?.endpoints.map(({ url }) => new URL(url).pathname).filter((path) => path !== '/') ?? [];
      expect([name, urls.filter((path) => JSON.stringify(rest).includes(path))]).toEqual([name, []]);
      expect(body === undefined).toBe(request.noBody !== undefined);
    }
    expect(reported).toBeGreaterThan(20);
  });

  it('can be asked at every moment: before the body is frozen it says so', async () => {
    const seen = new Set<string>();
    const some = ['delivered-at-once', 'cancelled-while-fetching', 'cancelled-while-settling'];
    for (const cut of some.flatMap((name) => cutsOf(name, eventsOf(name)))) {
      const request = told(await readRunFacts(cut, 'RUNNING'));
      seen.add(request.body === undefined ? String(request.noBody) : 'frozen');
      if (request.body === undefined) expect(request.requests.flatMap(({ curl }) => curl ?? [])).toEqual([]);
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'frozen',
        'the body is not frozen yet: the run is settling',
        'the body is not frozen yet: the run is fetching',
      ]),
    );
  });
});

test('a redelivery tells its cycle, the body of the first run, and the endpoints that it leaves out', async () => {
  const run = await factsOf('redelivered');
  const request = told(run);
  expect(request).toMatchObject({
    cycle: 2,
    notInThisRun: ['ep_h4dr4uR3u8n3'],
    requests: [{ attempts: [{ number: 1 }, { number: 2 }] }],
  });
  expect(JSON.parse(String(request.body?.text))).toMatchObject({ event: request.event });
  const { input } = run;
  const endpoint = {
    endpointId: 'ep_other',
    webhookId: 'msg_other',
    url: 'https://other.example/',
    host: 'other.example',
  };
  const outcome = { ...endpoint, state: 'delivered' as const, attempts: [] };
  const redelivery = { cycle: 2, alreadyEnded: [{ endpoint, outcome }] };
  // Before its delivery activity is scheduled, the body is known from the input.
  const waiting = { ...run, facts: [], input: { ...input!, redelivery: { ...redelivery, body: '{"a":1}' } } };
  expect(told(waiting)).toMatchObject({ body: { text: '{"a":1}', bytes: 7 }, notInThisRun: ['ep_other'] });
});

test('each attempt has its own headers; one whose worker was lost has no time', async () => {
  const { requests } = await requestIn('delivered-at-third-attempt');
  expect(requests[0]?.attempts.map(({ sent, headers }) => [sent, headers])).toEqual(
    [1, 2, 3].map((number) => [
      'yes',
      { 'X-TopCalls-Attempt': String(number), 'webhook-timestamp': expect.stringMatching(/^1\d{9}$/) },
    ]),
  );
  const run = await factsOf('delivered-at-third-attempt');
  const lost = told({ ...run, facts: run.facts.filter(({ kind }) => kind !== 'attempt_failed') });
  expect(lost.requests[0]?.attempts.map(({ headers }) => 'webhook-timestamp' in headers)).toEqual([false, false, true]);
  expect(lost.requests[0]?.unknownHeaders.map(({ name }) => name)).toContain('webhook-timestamp');
});

test('what our own rules refused has no time of sending and no command to send it by hand', async () => {
  const { requests } = await requestIn('refused');
  const refused = requests.filter(({ state }) => state === 'refused');
  expect(refused.length).toBeGreaterThan(0);
  for (const { attempts, curl, unknownHeaders } of refused) {
    expect(attempts.map(({ sent }) => sent)).toEqual(['no']);
    expect([curl, JSON.stringify([attempts, unknownHeaders])]).toEqual([
      undefined,
      expect.not.stringContaining('webhook-timestamp'),
    ]);
  }
});

test('the whole URL is told where it is asked for', async () => {
  const run = await factsOf('delivered-at-once');
  const [request] = told(run, { showUrl: true }).requests;
  expect(request?.url).toBe(run.input?.endpoints[0]?.url);
  expect(request?.curl).toContain(`--url '${request?.url}'`);
});

/** The arguments that `curl` gets when a shell runs the command. */
function argumentsOf(command: string, env: Readonly<Record<string, string>> = {}): string[] {
  const script = `curl() { for each in "$@"; do printf '%s\\0' "$each"; done; }\n${command}`;
  return execFileSync('sh', ['-c', script], { env: { PATH: process.env['PATH'], ...env } })
    .toString()
    .split('\0')
    .slice(0, -1);
}

const HOSTILE = [
  `https://e.example/'; touch /tmp/x; '`,
  'https://e.example/$(id)`id`?a=1&b=$HOME',
  'https://e.example/[1-3]/{a,b}?x=!!',
  'https://e.example/a\\b"c',
  '-o/tmp/x',
];

test('a shell takes the URL for one word, whatever it holds', () => {
  const ids = { isSigned: true, webhookId: `msg_'$(id)'`, event: 'call.completed', number: 2 };
  for (const url of HOSTILE) {
    const args = argumentsOf(curlCommand({ ...ids, url }), { SIGNATURE: 'ab', TIMESTAMP: '17' });
    expect(args[args.indexOf('--url') + 1]).toBe(url);
    expect(args.filter((_each, index) => args[index - 1] === '--header')).toEqual([
      'Content-Type: application/json',
      'Accept: */*',
      expect.stringMatching(/^User-Agent: TopCalls-Webhooks\//),
      `webhook-id: msg_'$(id)'`,
      'X-TopCalls-Event: call.completed',
      'X-TopCalls-Attempt: 2',
      'Connection: close',
      'Expect:',
      'webhook-timestamp: 17',
      'X-TopCalls-Signature: ab',
      'webhook-signature: ',
    ]);
    expect(args.slice(-2)).toEqual(['--data-binary', '@-']);
  }
  const unsigned = curlCommand({ ...ids, isSigned: false, url: undefined });
  expect(argumentsOf(unsigned, { WEBHOOK_URL: 'https://a.example/b c' })).toContain('https://a.example/b c');
  expect(unsigned).not.toMatch(/signature/i);
});

test('any text is one word of a shell', () => {
  const unit = fc.constantFrom(...Array.from('\'"`$\\!*?[]{}()<>|&;#~= \n\tab-é😀\u202e'));
  const words = fc.sample(fc.string({ unit, minLength: 1, maxLength: 12 }), 300);
  const out = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(shellQuoted).join(' ')}`]);
  expect(out.toString().split('\0').slice(0, -1)).toEqual(words);
});
