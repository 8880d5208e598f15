/** SECURITY.md says what stops whom. Each sentence of that column names a claim of this list, and each claim a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadedBy, ROOT } from '../support/source-imports.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const page = read('SECURITY.md').replaceAll(/\s+/g, ' ');

/** Words of the page, the test that holds them, and words of that test's title. */
const CLAIMS: ReadonlyArray<readonly [claim: string, test: string, title: string]> = [
  ['the egress guard.', 'activities/http/forbidden-urls', 'the connector opens no socket'],
  ['applies the URL rules', 'unit/contract/webhook-url', 'url_length'],
  [
    'judges every literal address',
    'unit/contract/webhook-url-spellings',
    'is a forbidden address, whatever its spelling',
  ],
  ['every DNS answer where the socket opens', 'activities/http/dns-answers', 'is refused, and nothing is dialled'],
  [
    'checks the connected peer once more',
    'activities/http/guarded-connector',
    'the connected peer is judged once more',
  ],
  ['No redirects', 'activities/http/redirects', 'and nobody follows it'],
  ['no proxy variables', 'activities/http/own-process', 'proxy and TLS variables of the environment change nothing'],
  [
    'no keep-alive',
    'activities/http/post',
    'the connection is closed after the answer even where the receiver would keep it',
  ],
  ['Only https and public addresses', 'unit/contract/webhook-url', 'scheme'],
  ['metadata addresses never', 'activities/http/forbidden-urls', 'METADATA_ADDRESSES'],
  [
    "worker's own public addresses are closed",
    'activities/http/allowed-addresses',
    'an address of this machine is refused',
  ],
  ['at most five POSTs per event and ladder', 'workflows/ladder', 'a receiver that never takes it gets five attempts'],
  ['may configure up to eleven', 'unit/contract/run-input-problem', 'at most 10 waits'],
  ['ten endpoints per call', 'unit/contract/endpoints', 'too_many_endpoints'],
  ['No amplification: one request', 'activities/http/guarded-connector', 'opens one connection only'],
  ['at most 64 KiB of answer read', 'activities/http/bounds', 'the body of an answer'],
  ['never an answer’s content', 'activities/http/post', "like all of the receiver's words, stays out of the result"],
  ['a refused address opens no socket', 'activities/http/rebinding', 'refuses them all, wherever it stands'],
  ['15 s in all per attempt', 'activities/http/hostile-lab', 'the lab has every row from H01 to H34'],
  ['512 lines', 'activities/http/bounds', 'lines of an answer'],
  ['208 KiB of answer', 'activities/http/bounds', 'bytes of an answer'],
  ['10 informational answers', 'activities/http/bounds', 'informational answers'],
  ['64 KiB of body', 'activities/http/bounds', 'the body of an answer'],
  ['no decompression', 'support/hostile-slow-rows', 'which nobody inflates'],
  ['no cookies', 'support/hostile-broken-rows', 'sets a cookie: the next attempt brings none'],
  ['Every parser error is a verdict', 'activities/http/hostile-lab', 'nothing was thrown past an attempt'],
  ['ECDHE only', 'activities/http/tls-cost', 'ECDHE suites only'],
  ['16 KiB of handshake', 'activities/http/bounds', 'before the handshake is over'],
  ['turns of the event loop', 'activities/http/tls-turns', 'one step that takes long is alone in its turn'],
  ['a cap per host', 'activities/http/handshake-queue', 'with the bounds of a worker'],
  [
    'only status, byte count and our own codes of an answer',
    'activities/http/post',
    'with status, bytes and media type',
  ],
  ['failure messages are ours', 'integration/canary', 'failures and all else of histories'],
  ['TLS 1.2 or later', 'support/hostile-tls-rows', 'an old TLS: not a byte of the request is sent'],
  ['verification that no option turns off', 'activities/http/own-process', 'certificates verified'],
  ['that no option turns off; the signature', 'activities/signing', 'no failure and no log line ever holds a secret'],
  ['our commands', 'unit/cli/process/terminal', 'keeps a character that drives a screen'],
  ['log lines and Web UI texts', 'unit/contract/shown-text', 'fields of log lines are cleaned as deep as they go'],
  ['zero-width characters as `\\u001b`', 'unit/contract/shown-text', 'no text keeps a character that drives a screen'],
  ['inside a code span', 'unit/client/start-options', 'so it is no link, no HTML and no line'],
  ['at most 256 connections', 'unit/cli/process/bound-connections', 'keeps so many silent connections'],
  ['the oldest silent one is closed', 'unit/cli/process/bound-connections', 'lets a request in progress end'],
  ['HMAC-SHA256 signatures', 'unit/receiver/vectors', 'begin with the golden vector'],
  ['constant-time checks', 'architecture/security-page', 'signatures are compared in constant time'],
  ['24 to 64 bytes', 'unit/signature/secret', 'decodes the bytes after whsec_'],
  ['unsigned, tampered with', 'unit/receiver/verify-webhook.fuzz', 'accepts nothing that was not signed'],
  ['signed with an empty secret', 'unit/receiver/verify-webhook-secrets', 'are missing in'],
  ['the timestamp is signed', 'unit/receiver/verify-webhook-damaged', 'is refused with another id or another time'],
  ['300 s of tolerance', 'unit/receiver/verify-webhook', 'is 300 seconds each way, the edge included'],
  ['deduplicates by `webhook-id`', 'unit/receiver/receive-once', 'is acknowledged, and no handler runs'],
  ['secrets never enter Temporal', 'integration/canary', 'raw history'],
  ['A secret in place of its reference is recognised', 'unit/contract/endpoint-settings', 'secret_in_reference'],
  ['never in ids, search attributes, summaries or failures', 'integration/canary', 'search attributes'],
  ['covers those payloads', 'integration/encryption', 'canary'],
  [
    'gets `id_of_another_account` and nothing of that run',
    'integration/second-report',
    'an id that another account has used',
  ],
  ['Handles by id alone ask nobody', 'unit/client/webhook-client', 'encodes the id as the start does'],
  ['lines and rows have ids, hosts, numbers and codes', 'integration/canary', 'our log lines'],
  ['tests search all of them for planted canaries', 'integration/canary', 'canary'],
  ["few packages in the delivery's path", 'architecture/security-page', 'the path of a delivery loads few packages'],
  ['The stand-alone worker adds zod, pino', 'architecture/security-page', 'the path of a delivery loads few packages'],
  ['The lock file pins them', 'architecture/security-page', 'the lock file has a hash of every package'],
  ['None runs a script when it is installed', 'architecture/security-page', 'runs a script of one at its installation'],
  ['The receiver door loads no package', 'integration/package', 'loads by ./receiver no package at all'],
  // Elsewhere on the page.
  ['`NODE_ENV=production` the stand-alone worker refuses', 'unit/cli/worker/production', 'NODE_ENV=production'],
  ['a warning says so at every start and attempt', 'activities/signing', 'goes unsigned, and that is said loudly'],
  ['We log the host only', 'integration/canary', 'canary-path'],
];

/** What others promise: Temporal. */
const OF_OTHERS = [
  'Temporal’s own authorization',
  'Temporal’s authorization and mTLS. We do not authenticate inputs',
  '–',
];

const straight = (text: string): string => text.replaceAll('’', "'");
const fileOf = (test: string): string => `test/${test}${test.startsWith('support/') ? '.ts' : '.test.ts'}`;

test.each(CLAIMS)('%s: it is on the page, and its test is there', (claim, tested, title) => {
  expect(straight(page)).toContain(straight(claim));
  expect(straight(read(fileOf(tested)))).toContain(straight(title));
});

describe('what stops them', () => {
  const cells = [...read('SECURITY.md').matchAll(/^\|(.+)\|$/gm)]
    .map(([, cellsOfRow = '']) => cellsOfRow.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter(([who = '']) => who !== 'who' && !/^-+$/.test(who))
    .map(([, , stops = '']) => stops);
  const sentences = cells
    .filter((cell) => !OF_OTHERS.map(straight).includes(straight(cell).replace(/\.$/, '')))
    .flatMap((cell) => cell.split(/(?<=\.) (?=[A-Z[0-9])/));

  test('has many sentences', () => {
    expect(sentences.length).toBeGreaterThan(25);
  });

  test.each(sentences)('%s', (sentence) => {
    const text = straight(sentence);
    // The end of the sentence may stand in the claim, and the claim in the sentence.
    const claims = CLAIMS.filter(([claim]) => text.includes(straight(claim)));
    expect(claims).not.toEqual([]);
  });
});

test('the path of a delivery loads few packages, all of them in the lock file', () => {
  const packagesOf = (...files: readonly string[]): string[] => {
    const loaded = files.flatMap((file) => [...loadedBy(file)]);
    const packages = loaded.filter((name) => !name.endsWith('.ts') && !/^(node:|@temporalio\/)/.test(name));
    return [...new Set(packages)].sort();
  };
  expect(packagesOf('worker/index.ts', 'workflows/index.ts')).toEqual(['undici']);
  const standAlone = packagesOf('cli/worker/run.ts');
  expect(standAlone).toEqual(['close-with-grace', 'kysely', 'pg', 'pino', 'undici', 'zod']);
  const locked = JSON.parse(read('package-lock.json')) as { readonly packages: object };
  expect(standAlone.filter((name) => !(`node_modules/${name}` in locked.packages))).toEqual([]);
});

test('the lock file has a hash of every package, and no installation that users make runs a script', () => {
  type Locked = { readonly integrity?: string; readonly hasInstallScript?: boolean; readonly dev?: boolean };
  const locked = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
  const all = Object.entries(locked.packages).filter(([path]) => path !== '');
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))).toEqual([]);
  expect(all.filter(([, { dev, hasInstallScript }]) => dev !== true && hasInstallScript === true)).toEqual([]);
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const atInstall = ['preinstall', 'install', 'postinstall', 'prepare'];
  expect(atInstall.filter((name) => name in scripts)).toEqual([]);
});

test('signatures are compared in constant time', () => {
  const code = read('signature/verify.ts');
  expect(code).toContain(
    'receivedBytes.length === expectedBytes.length && timingSafeEqual(receivedBytes, expectedBytes)',
  );
});
