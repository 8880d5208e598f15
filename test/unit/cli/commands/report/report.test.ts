/** A report as page and as CSV: whatever text others wrote, it is text, in every reader. */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { HtmlValidate } from 'html-validate';
import { cellOf, csvOf } from '../../../../../cli/commands/report/csv.ts';
import {
  reportDelivery,
  totalsOf,
  withResets,
  type ReportDelivery,
} from '../../../../../cli/commands/report/delivery.ts';
import { reportPage } from '../../../../../cli/commands/report/page.ts';
import {
  deliveryInLines,
  emptyInWords,
  statesInWords,
  totalsInWords,
} from '../../../../../cli/commands/report/words.ts';
import { FINAL_STATES, type LiveState } from '../../../../../contract/delivery-state.ts';
import { escaped } from '../../../../../cli/process/html.ts';
import { sampleAttempts, sampleRecord } from '../../../../../adapters/conformance/sample-records.ts';
import { aReport } from '../../../../support/report-sample.ts';

const NOW_MS = Date.UTC(2026, 5, 1, 13);
const validator = new HtmlValidate({ extends: ['html-validate:recommended', 'html-validate:a11y'] });

function pageWith(deliveries: readonly ReportDelivery[], title = 'Webhooks of account acct_1'): string {
  return reportPage({ title, facts: [], totals: totalsOf(deliveries), notes: [], deliveries, nowMs: NOW_MS });
}

async function problemsOf(page: string): Promise<readonly string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${ruleId} ${line}: ${message}`),
  );
}

test('the page passes an HTML validator, with deliveries of every state and with none', async () => {
  expect(await problemsOf(pageWith(aReport()))).toEqual([]);
  expect(await problemsOf(pageWith([]))).toEqual([]);
});

test('the page has no script, and its policy allows its own style only', () => {
  const page = pageWith(aReport());
  expect(page).not.toMatch(/<script|<link|<img|<iframe|style=|javascript:|\son[a-z]+=|https?:\/\//i);
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(page) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(
    `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
  );
});

test('a state is told in words and by a mark of its own shape, not by its colour alone', () => {
  const page = pageWith(aReport());
  for (const words of ['✔ delivered', '✖ failed (http_503)', '◇ retrying', '⊘ cancelled'])
    expect(page).toContain(words);
  expect(page).toContain('Attempt 5');
  expect(page).toMatch(/<strong>HTTP 503<\/strong> in 120 ms/);
});

test('what was cancelled looks like no failure, and an attempt that never reported took no time', () => {
  const [attempt] = sampleAttempts(1).map(({ status: _none, code: _code, ...rest }) => rest);
  const lost = { ...attempt, outcome: 'unknown', durationMs: 0 } as ReportDelivery['attempts'][number];
  const page = pageWith([reportDelivery(sampleRecord({ state: 'cancelled', attempts: [lost] }))]);
  expect(page).toContain('<article class="off">');
  expect(page).not.toContain('<article class="bad">');
  expect(page).toContain('<strong>never reported</strong></li>');
});

test('the tiles name percentiles, and what still runs stands under the deliveries', () => {
  const page = pageWith(aReport());
  for (const tile of ['<dt>Lateness p50</dt>', '<dt>Lateness p99</dt>']) expect(page).toContain(tile);
  expect(page).toMatch(/<strong>6<\/strong> 2 delivered, [^<]*, 2 still running \(1 retrying, 1 settling\)</);
});

describe('a webhook that was redelivered or reset', () => {
  const first = reportDelivery(sampleRecord({ webhookId: 'msg_1', state: 'failed', reason: 'http_503' }));
  const redelivered = { ...first, cycle: 2, state: 'retrying' as const };
  const { endedAt: _none, ...runs } = redelivered;
  const well = reportDelivery(sampleRecord({ webhookId: 'msg_2', state: 'delivered' }));
  const copy = { ...well, state: 'failed' as const, endedAt: '2030-01-01T00:00:00.000Z' };

  test('counts once: as delivered if it ever was, else by its latest delivery', () => {
    const totals = totalsOf([runs, copy, well, first]);
    expect(totals).toMatchObject({
      deliveries: 4,
      running: 1,
      webhooks: { count: 2, running: 1, states: { delivered: 1, retrying: 1 } },
    });
    expect(totalsInWords(totals)).toMatch(
      /^4 deliveries of 2 webhooks, 1 of them running, .*; 1 of 1 webhooks ended delivered, 100\.0 %/,
    );
    const page = pageWith([runs, copy, well, first]);
    expect(page).toContain('each counts once; 1 delivered, 1 still running (1 retrying)');
    expect(page).toContain('2 of them made again; 1 delivered, 2 failed, 1 still running (1 retrying)');
  });

  test('names the deliveries that were made again, and why', () => {
    const all = withResets([runs, copy, well, first]);
    expect(all.map(({ afterReset }) => afterReset)).toEqual([undefined, true, undefined, undefined]);
    const told = all.map((each) => deliveryInLines(each, NOW_MS));
    expect(told[0]).toContain('redelivery, cycle 2');
    expect(told[1]).toContain('made again, because its run was reset');
    expect(told[3]).not.toMatch(/again|redelivery/);
    expect(pageWith(all)).toContain('made again, because its run was reset');
  });

  test('has no number of its own where the list was cut: each delivery counts', () => {
    const { webhooks: _cut, ...totals } = totalsOf([copy, well]);
    expect(totalsInWords(totals)).toMatch(/^2 deliveries, 0 of them running, .*; 1 of 2 deliveries ended delivered/);
  });
});

test('a reason that only repeats the state is not told', () => {
  const page = pageWith([reportDelivery(sampleRecord({ state: 'terminated', reason: 'terminated' }))]);
  expect(page).toContain('✖ terminated<');
});

test('the states of a tile add up, whatever they are', () => {
  const states: readonly LiveState[] = [...FINAL_STATES, 'settling', 'fetching', 'delivering', 'retrying'];
  const property = fc.property(fc.array(fc.constantFrom(...states)), (some) => {
    const deliveries = some.map((state, at) => ({ ...reportDelivery(sampleRecord()), webhookId: `msg_${at}`, state }));
    const words = statesInWords(totalsOf(deliveries).states).replace(/ \([^)]*\)/, '');
    const counts = words.replace('none', '0').match(/\d+/g) ?? [];
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(some.length);
  });
  fc.assert(property, { numRuns: 100 });
});

test('lateness is told beside the first attempt, and not after the time of the next one', () => {
  const delivery = reportDelivery({ ...sampleRecord(), state: 'retrying', nextAttemptAt: '2025-12-22T12:00:00.000Z' });
  const words = deliveryInLines({ ...delivery, lateMs: 40 }, Date.UTC(2025, 11, 22, 11));
  expect(words).toMatch(/first attempt 40 ms late[\s\S]*next attempt 2025-12-22T12:00:00Z/);
  expect(words).not.toMatch(/next attempt \S+\s+\S+ ms late/);
});

test('a next attempt whose time has gone by was due: nothing comes then', () => {
  const at = '2025-12-22T12:00:00.000Z';
  const delivery = reportDelivery({ ...sampleRecord(), state: 'retrying', nextAttemptAt: at });
  const words = deliveryInLines(delivery, Date.parse(at));
  expect(words).toContain('next attempt was due 2025-12-22T12:00:00Z');
  expect(words).not.toContain('next attempt 2025');
  expect(pageWith([delivery])).toContain('Next attempt was due <time');
  const later = { ...delivery, nextAttemptAt: new Date(NOW_MS + 1).toISOString() };
  expect(pageWith([later])).toContain('Next attempt <time');
});

test('one delivery with one attempt is no several', () => {
  const one = {
    ...reportDelivery(sampleRecord()),
    attempts: sampleAttempts(1),
  };
  expect(totalsInWords(totalsOf([one]))).toMatch(/^1 delivery, 0 of them running, 1 attempt;/);
  expect(pageWith([one])).toContain('aria-label="1 attempt in ');
});

test('runs of one webhook and cycle are late once, and refused attempts were not sent', () => {
  const [first, again] = ['2025-12-22T10:32:53.400Z', '2025-12-22T10:33:57.800Z'].map((startedAt) =>
    reportDelivery(
      sampleRecord({ webhookId: 'msg_1', attempts: sampleAttempts(1).map((each) => ({ ...each, startedAt })) }),
    ),
  );
  const [refusal] = sampleAttempts(1).map((each) => ({ ...each, outcome: 'refused' as const }));
  const refused = reportDelivery(sampleRecord({ state: 'refused', attempts: refusal === undefined ? [] : [refusal] }));
  if (first === undefined || again === undefined) throw new Error('no deliveries');
  expect(totalsOf([again, first]).lateness).toEqual({ deliveries: 1, p50Ms: 3_400, p99Ms: 3_400, maxMs: 3_400 });
  expect(totalsOf([first, refused])).toMatchObject({ deliveries: 2, attempts: 1 });
});

test('a report of nobody says what to check', () => {
  expect(emptyInWords('acct_1', undefined)).toMatch(/^no deliveries of account acct_1 .*is the id right/);
  expect(emptyInWords('acct_1', 'ep_1')).toContain('account acct_1 and endpoint ep_1');
});

test('any text of others stays text: no tag, no attribute and no entity of it reaches the page', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><svg onload=x>',
      "' style='x",
      '&lt;b&gt;',
      '</style><b>',
      '\u202eabc',
    ),
  );
  const structure = (page: string): string => page.replace(/>[^<]*</g, '><').replace(/="[^"]*"/g, '=""');
  const plain = structure(pageWith([one('x')], 'x'));
  const property = fc.property(hostile, (text) => {
    expect(structure(pageWith([one(text)], text))).toBe(plain);
    expect(escaped(text)).not.toMatch(/[<>"'\p{Cc}\p{Cs}\u202e]/u);
  });
  fc.assert(property, { numRuns: 200 });
  expect(await problemsOf(pageWith([one('"><svg onload=x>')], '</title><b>'))).toEqual([]);
});

function one(text: string): ReportDelivery {
  const attempts = sampleAttempts(1).map((attempt) => ({ ...attempt, code: text }));
  const { status: _none, ...attempt } = attempts[0] as (typeof attempts)[number];
  const texts = { host: text, callId: text, reason: text, webhookId: text };
  return reportDelivery(sampleRecord({ ...texts, attempts: [attempt] }));
}

test('a timeline has its marks in order, apart from each other and inside the drawing', () => {
  const times = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 11 });
  const property = fc.property(times, fc.integer({ min: 0, max: 90_000_000 }), (offsets, nowOffset) => {
    const startMs = Date.UTC(2026, 5, 1, 12);
    const [template] = sampleAttempts(1);
    if (template === undefined) throw new Error('no sample');
    const attempts = offsets
      .toSorted((a, b) => a - b)
      .map((ms, index) => ({ ...template, number: index + 1, startedAt: new Date(startMs + ms).toISOString() }));
    const startedAt = new Date(startMs).toISOString();
    const delivery = reportDelivery({ ...sampleRecord({ startedAt, attempts }), state: 'retrying' });
    const page = reportPage({ title: 'x', facts: [], notes: [], deliveries: [delivery], nowMs: startMs + nowOffset });
    const places = [...page.matchAll(/translate\((\S+) 30\)/g)].map(([, x]) => Number(x));
    expect(places).toHaveLength(attempts.length);
    expect(places.every((x, index) => index === 0 || x - (places[index - 1] ?? 0) >= 13.9)).toBe(true);
    expect(places.every((x) => x >= 0 && x <= 320)).toBe(true);
  });
  fc.assert(property, { numRuns: 100 });
});

describe('CSV', () => {
  test('has no duration for an attempt that never reported', () => {
    expect(csvOf(aReport())).toMatch(/,4,schedule,[^,]+,,unknown,/);
  });

  test('has one line per attempt, and one for a delivery without an attempt', () => {
    const [head, ...lines] = csvOf(aReport()).split('\n');
    const attempts = aReport().reduce((sum, each) => sum + Math.max(1, each.attempts.length), 0);
    expect(lines).toHaveLength(attempts);
    expect(head).toMatch(/^webhook_id,cycle,event,call_id,.*attempt_code$/);
  });

  test.each([
    ['=1+1', '"\'=1+1"'],
    ['+1', '"\'+1"'],
    ['-1', '"\'-1"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    ['\t=1', '"\'\\u0009=1"'],
    ['\r=1', '"\'\\u000d=1"'],
    ['\n=1', '"\'\\u000a=1"'],
    [' =1', '"\' =1"'],
    ['＝1', '"\'＝1"'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a;b', '"a;b"'],
    ['acct_1', 'acct_1'],
    ['2026-06-01T12:00:00.000Z', '2026-06-01T12:00:00.000Z'],
  ])('the cell %j is %s', (text, cell) => {
    expect(cellOf(text)).toBe(cell);
  });

  test('no text begins a formula, breaks its line or ends its cell', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), (text) => {
      const cell = cellOf(text);
      expect(cell).not.toMatch(/[\n\r\t]/);
      const inner = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
      expect(inner).not.toMatch(/^[\s]*[=+\-@]/);
      if (!cell.startsWith('"')) expect(cell).not.toMatch(/[",;\s]/);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

test('totals count what ended apart from what runs', () => {
  expect(totalsOf(aReport())).toMatchObject({
    deliveries: 6,
    running: 2,
    states: { delivered: 2, failed: 1, cancelled: 1, retrying: 1, settling: 1 },
    deliveredShare: 0.5,
    lateness: { deliveries: 4 },
  });
});

test('a report names neither who cancelled nor any reason of an operator', () => {
  const record = sampleRecord({ state: 'cancelled' });
  const shown = JSON.stringify(reportDelivery(record));
  for (const secret of ['ticket 4711', 'operator@host', 'stuck', 'admin@host', record.runId]) {
    expect(shown).not.toContain(secret);
  }
});
