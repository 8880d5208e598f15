/** docs/receive.md is true: its snippets are the examples, its table lists the answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { HEADERS_DEADLINE_MS } from '../../../activities/http/attempt-bounds.ts';
import { RECEIVER_BODY_LIMIT_BYTES } from '../../../contract/limits.ts';
import { answerFor } from '../../../receiver/answers.ts';
import type { AnswerCode } from '../../../receiver/index.ts';
import { receive } from '../../../receiver/index.ts';
import { ROOT } from '../../support/source-imports.ts';
import { SECRET } from './signed-request.ts';

const page = readFileSync(join(ROOT, 'docs/receive.md'), 'utf8');
const snippets = [...page.matchAll(/<!-- (examples\/\S+) -->\n```\w+\n([\s\S]*?)```/g)].map(
  ([, file = '', code = '']) => [file, code] as const,
);

test.each(snippets)('the snippet of %s stands in that file', (file, code) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(code);
});

test('every example of a receiver is linked', () => {
  const examples = readdirSync(join(ROOT, 'examples')).filter((name) => name.startsWith('receiver-'));
  expect(examples.filter((name) => !page.includes(`../examples/${name}/`))).toEqual([]);
  expect(snippets.length).toBeGreaterThanOrEqual(5);
});

test('the handlers it opens with are those of every example', () => {
  const [, opening = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  expect(readFileSync(join(ROOT, 'examples/receiver-node/receiver.mjs'), 'utf8')).toContain(opening);
});

test('its table has the statuses that are answered', () => {
  const rows = [...page.matchAll(/^\| (`[^|]+) \| (\d{3}) \|/gm)].flatMap(([, codes = '', status]) =>
    [...codes.matchAll(/`(\w+)`/g)].map(([, code]) => [code as AnswerCode, Number(status)] as const),
  );
  expect(rows.length).toBeGreaterThan(15);
  for (const [code, status] of rows) expect([code, answerFor(code, undefined, 50).status]).toEqual([code, status]);
});

test('a request signed as it shows is handled', async () => {
  const body = JSON.stringify({ call_id: 'c1', status: 'completed', event: 'call.completed' });
  const now = new Date();
  const headers = {
    'webhook-id': 'msg_test-1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(SECRET).sign('msg_test-1', now, body),
  };
  const receiver = receive({ secret: SECRET, on: () => undefined, log: () => undefined });
  expect(await receiver.answer({ headers, body })).toMatchObject({ status: 200 });
});

test('the OpenAPI document, the payload page and this page name one deadline and one body limit', () => {
  const texts = {
    openapi: (
      JSON.parse(readFileSync(join(ROOT, 'contract/published/openapi.json'), 'utf8')) as {
        info: { description: string };
      }
    ).info.description,
    payload: readFileSync(join(ROOT, 'docs/payload.md'), 'utf8'),
    receive: page,
  };
  const deadlines = {
    openapi: /within (\d+) seconds/,
    payload: /within (\d+) seconds/,
    receive: /waits (\d+) seconds/,
  };
  const limits = { openapi: /up to (\d+) MiB/, payload: /accept (\d+) MiB/, receive: /default (\d+) MiB/ };
  for (const name of ['openapi', 'payload', 'receive'] as const) {
    expect([name, deadlines[name].exec(texts[name])?.[1]]).toEqual([name, String(HEADERS_DEADLINE_MS / 1_000)]);
    expect([name, limits[name].exec(texts[name])?.[1]]).toEqual([name, String(RECEIVER_BODY_LIMIT_BYTES / 1_048_576)]);
  }
  for (const text of [texts.payload, texts.receive]) {
    expect(new Set(text.match(/limit: '[^']+'/g))).toEqual(
      new Set([`limit: '${RECEIVER_BODY_LIMIT_BYTES / 1_048_576}mb'`]),
    );
  }
});
