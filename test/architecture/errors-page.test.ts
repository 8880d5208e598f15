/** docs/errors.md explains every code. A code without an explanation is a riddle in a user's log. */
import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURE_TYPES } from '../../contract/names.ts';
import { REPORT_FAILURES } from '../../contract/server-names.ts';
import { CODE_WORDS } from '../../cli/commands/status/code-words.ts';
import { URL_RULES } from '../../contract/egress/url-rules.ts';
import { ROOT } from '../support/source-imports.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const page = read('docs/errors.md');
const http = readdirSync(join(ROOT, 'activities', 'http')).map((file) => read(`activities/http/${file}`));

const found = (pattern: RegExp, ...sources: readonly string[]): string[] =>
  sources.flatMap((source) => [...source.matchAll(pattern)].map(([, code = '']) => code));

const NETWORK_CODE =
  /'((?:dns|timeout|connect|connection|tls|protocol|request|sender|headers|informational|network|address)_[a-z_]+)'/g;
/** Code and status of every answer of a receiver. */
const STATUSES = [...read('receiver/answers.ts').matchAll(/^ {2}([a-z_]+): (\d{3}),$/gm)].map(
  ([, code = '', status = '']) => [code, status] as const,
);

test.each([
  ['attempts', [...found(NETWORK_CODE, ...http), 'http_<status>', 'unknown', 'terminated']],
  ['secrets', found(/'(secret_[a-z_]+)'/g, read('activities/look-up-secrets.ts'))],
  ['settings', found(/'(secret_[a-z_]+|too_[a-z_]+)'/g, read('contract/endpoints.ts'))],
  ['the egress guard', Object.keys(URL_RULES)],
  ['warnings', found(/^ \* {2}- `([a-z_]+)`/gm, read('contract/schemas/client-options.ts'))],
  ['the client', found(/code: '([a-z_]+)'/g, read('client/errors.ts'))],
  ['the receiver', found(/^ {2}([a-z_]+):/gm, read('receiver/rejections.ts').replace(/^function[\s\S]*/m, ''))],
  ['receive', STATUSES.map(([code]) => code)],
  ['PostgreSQL', found(/'(postgres_[a-z_]+)'/g, read('adapters/postgres/error.ts'))],
  ['the codec', found(/'([a-z]+_[a-z_]+|tampered)'/g, read('codec/errors.ts'))],
  ['Temporal failures', [...Object.values(FAILURE_TYPES), ...Object.values(REPORT_FAILURES)]],
])('every code of %s stands in docs/errors.md', (_where, codes) => {
  expect(codes.length).toBeGreaterThan(1);
  expect([...new Set(codes)].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

test('and it names no rule of the guard that is none, with the words people get', () => {
  for (const [code, rule] of Object.entries(URL_RULES)) expect(page).toContain(`| \`${code}\` | ${rule} |`);
});

test('`status` says what a code of the network means, in the words of the page', () => {
  const [, section = ''] = /^## Reason codes of attempts and deliveries$([\s\S]*?)^## /m.exec(page) ?? [];
  const words = [...section.matchAll(/^\| (`[^|]+) \| ([^|]+) \|/gm)].flatMap(([, codes = '', meaning = '']) =>
    found(/`(\w+)`/g, codes).map((code) => [code, meaning] as const),
  );
  const ours = /^(?:secret_|too_many_|address|request_invalid|timeout_tls_queue|no_activity|stored_payload)/;
  const ends = /^(?:http_|unknown|terminated)/;
  expect(words.filter(([code]) => !ours.test(code) && !ends.test(code))).toEqual(Object.entries(CODE_WORDS));
});

test('it has the status of every answer of a receiver, and no other', () => {
  const [, section = ''] = /^## Codes of `verifyWebhook` and `receive`$([\s\S]*?)^## /m.exec(page) ?? [];
  const rows = [...section.matchAll(/^\| (`[^|]+) \| (\d{3}) \|/gm)].flatMap(([, codes = '', status = '']) =>
    found(/`(\w+)`/g, codes).map((code) => [code, status] as const),
  );
  expect(rows).toHaveLength(STATUSES.length);
  expect(new Map(rows)).toEqual(new Map(STATUSES));
});
