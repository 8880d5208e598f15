/** Ids, texts, durations, counters and words of reported data. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nearMisses } from '../../../../contract/repairs/near-misses.ts';
import { countOf, minutesOf } from '../../../../contract/repairs/numbers.ts';
import { readFields } from '../../../../contract/repairs/read-fields.ts';
import { RepairList } from '../../../../contract/repairs/repair-list.ts';
import { statsOf, tellSum } from '../../../../contract/repairs/stats.ts';
import { idOf, optionalIdOf, textOf } from '../../../../contract/repairs/texts.ts';
import { campaignEventOf, expectsOf, statusOf } from '../../../../contract/repairs/words.ts';

/** The value that `read` makes, and what it tells. */
function told<T>(read: (list: RepairList) => T): [T, ...string[]] {
  const list = new RepairList();
  const value = read(list);
  return [value, ...list.notices.map(({ code, field, problem }) => `${code} ${field}: ${problem}`)];
}

describe('an id', () => {
  it.each<[unknown, string]>([
    [12_345, '12345'],
    [-0, '0'],
    [12n, '12'],
    ['a\u0000b', 'a\uFFFDb'],
    ['half \uD83D', 'half \uFFFD'],
  ])('%p is sent as %j, and told', (value, id) => {
    const [read, ...words] = told((list) => idOf(value, 'call_id', list));
    expect(read).toEqual({ id });
    expect(words).toHaveLength(1);
  });

  it.each([2 ** 53 + 2, 12.5])('%p may have lost digits, which is told', (value) => {
    expect(told((list) => idOf(value, 'call_id', list))[1]).toContain('its digits may be wrong');
  });

  it.each(['1234567890123456789', '9007199254740993'])(
    '%s as a number may be two ids, so text is asked for',
    (text) => {
      const [one, words] = told((list) => idOf(Number(text), 'call_id', list));
      const [other] = told((list) => idOf(Number(BigInt(text) - 1n), 'call_id', list));
      expect(other).toEqual(one);
      expect(words).toContain('another id may have become the same; send the id as text');
    },
  );

  it.each([Number.NaN, true, {}, [1], 'x'.repeat(201), Symbol('id')])('that is optional is null for %p', (value) => {
    const [id, ...words] = told((list) => optionalIdOf(value, 'campaign_id', list));
    expect(id).toBeNull();
    expect(words).toEqual([expect.stringContaining('it must be a text of 1 to 200 characters; null is sent')]);
  });
});

describe('a text', () => {
  it.each<[unknown, string | null, string]>([
    ['', null, ''],
    [null, null, ''],
    [undefined, null, ''],
    [486, '486', 'an integer: sent as text'],
    [true, 'true', 'a boolean: sent as text'],
    [12n, '12', 'a bigint: sent as text'],
    [Number.NaN, null, 'NaN: null is sent; send a text'],
    [{ a: 1 }, null, 'an object: null is sent; send a text'],
    ['a\u0000', 'a\uFFFD', 'U+0000 or half a character became U+FFFD'],
    ['x'.repeat(1_024), 'x'.repeat(1_024), ''],
    ['x'.repeat(1_025), 'x'.repeat(1_024), 'a string of 1025 characters: cut off; at most 1024 characters are sent'],
    [
      `${'x'.repeat(1_023)}👋`,
      'x'.repeat(1_023),
      'a string of 1025 characters: cut off; at most 1024 characters are sent',
    ],
  ])('%j', (value, text, problem) => {
    const words = problem === '' ? [] : [`repaired phone_number: ${problem}`];
    expect(told((list) => textOf(value, 'phone_number', list))).toEqual([text, ...words]);
  });

  it.each<[unknown, string | null]>([
    [{ code: 486 }, '{"code":486}'],
    [[486, 'busy'], '[486,"busy"]'],
    [new TypeError('busy here'), 'busy here'],
    [() => 1, null],
  ])('of an error may be an object: %p', (value, text) => {
    expect(told((list) => textOf(value, 'error_message', list, { asJson: true }))[0]).toBe(text);
  });
});

describe('a duration', () => {
  const AT = '2026-01-31T10:30:00Z';
  const LATER = '2026-01-31T10:32:30Z';

  it.each<[unknown, number | null, string]>([
    ['2.50', 2.5, 'a string of 4 characters: read as a number of minutes'],
    ['2,5', 2.5, 'a string of 3 characters: read as a number of minutes'],
    [3n, 3, 'a bigint: read as a number of minutes'],
    [-0, 0, 'negative zero: 0 is sent'],
    [-0.01, null, 'a fraction: null is sent; send minutes, a number from 0 up'],
    ['-1', null, 'a string of 2 characters: null is sent; send minutes, a number from 0 up'],
    ['2:30', null, 'a string of 4 characters: null is sent; send minutes, a number from 0 up'],
    [Number.NaN, null, 'NaN: null is sent; send minutes, a number from 0 up'],
    [1e300, null, 'an integer: null is sent; send minutes, a number from 0 up'],
    [{}, null, 'an object: null is sent; send minutes, a number from 0 up'],
    [1 / 3, 0.3333, ''],
    [undefined, 0, ''],
    ['', 0, ''],
  ])('%p becomes %p', (value, minutes, problem) => {
    const words = problem === '' ? [] : [`repaired duration: ${problem}`];
    expect(told((list) => minutesOf(value, null, null, list))).toEqual([minutes, ...words]);
  });

  it.each([2.5, 1.3, 4.9, 0])('%p minutes fit a call of 2.5', (minutes) => {
    expect(told((list) => minutesOf(minutes, AT, LATER, list))).toEqual([minutes]);
  });

  it.each([150, 5.1, 1.2, 0.0417])('%p minutes do not, which is told: seconds or hours?', (minutes) => {
    const problem = 'is not the time from started_at to end_at: are these seconds? It is sent as minutes';
    expect(told((list) => minutesOf(minutes, AT, LATER, list))).toEqual([minutes, `odd_value duration: ${problem}`]);
  });

  it('of a second is not odd, since times are whole seconds', () => {
    expect(told((list) => minutesOf(0.02, AT, AT, list))).toEqual([0.02]);
  });
});

describe('counters of a campaign', () => {
  it.each<[unknown, number | null]>([
    [20, 20],
    ['20', 20],
    [20n, 20],
    [-1, null],
    [1.5, null],
    ['many', null],
  ])('%p is %p', (value, count) => {
    expect(told((list) => countOf(value, 'total_leads', list))[0]).toBe(count);
  });

  it('are sent without those that are none, cleaned and at most a hundred', () => {
    expect(told((list) => statsOf({ a: 1, b: 'x', c: '2', '\u0000': 3 }, list))[0]).toEqual({
      a: 1,
      c: 2,
      '\uFFFD': 3,
    });
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, 1]));
    expect(Object.keys(told((list) => statsOf(many, list))[0])).toHaveLength(100);
    for (const none of [undefined, null, 5, 'a', [1]]) expect(told((list) => statsOf(none, list))[0]).toEqual({});
  });

  it.each([
    ['cut', 'x'.repeat(101), 'x'.repeat(102)],
    ['cut to one that is there', 'x'.repeat(100), 'x'.repeat(101)],
    ['cleaned', '\u0000', '\uFFFD'],
  ])('whose names are the same once they are %s: the first is sent, and the loss is told', (_how, one, other) => {
    const [stats, ...words] = told((list) => statsOf({ [one]: 1, [other]: 2 }, list));
    expect(Object.values(stats)).toEqual([1]);
    expect(words).toContainEqual(expect.stringContaining('a counter was left out: another one has the same name'));
  });

  it('that do not add up are told, and sent as they are', () => {
    expect(told((list) => tellSum({ a: 1, b: 2 }, 4, list))[1]).toBe(
      'odd_value stats: counters should add up to total_leads; these do not, and are sent as they are',
    );
    expect(told((list) => tellSum({ a: 1, b: 3 }, 4, list))).toHaveLength(1);
    expect(told((list) => tellSum({ a: 1 }, null, list))).toHaveLength(1);
  });
});

describe('a status', () => {
  it.each([
    ['completed', { status: 'completed' }],
    ['failed', { status: 'failed' }],
    ['COMPLETED', { status: 'completed' }],
    [' Completed ', { status: 'completed' }],
    ['Failed', { status: 'failed' }],
    ...[
      'busy',
      'no-answer',
      'no_answer',
      'No Answer',
      'noAnswer',
      'canceled',
      'Cancelled',
      'ERROR',
      'rejected',
      'timeout',
    ].map((word) => [word, { status: 'failed', word }] as const),
  ] as const)('%j is read', (value, read) => {
    const [status, ...words] = told((list) => statusOf(value, list));
    expect(status).toEqual(read);
    const shown = value.startsWith(' ') ? `a string of ${value.length} characters` : JSON.stringify(value);
    expect(words).toEqual(value === read.status ? [] : [`repaired status: ${shown}: read as ${read.status}`]);
  });

  it.each(['', 'transferred', 'complete', 'in-progress', 'ringing', 1, null, undefined, true, {}, ['completed']])(
    '%j is none',
    (value) => {
      expect(told((list) => statusOf(value, list))).toEqual([undefined]);
    },
  );
});

it.each([
  ['campaign.started', 'campaign.started'],
  ['Campaign_Started', 'campaign.started'],
  ['WEBHOOK.TEST', 'webhook.test'],
  ['started', undefined],
  ['call.completed', undefined],
  [5, undefined],
])('the event %j of a campaign is read as %p', (value, event) => {
  expect(told((list) => campaignEventOf(value, list))[0]).toBe(event);
});

it.each<[unknown, object, number]>([
  [undefined, {}, 0],
  [null, {}, 0],
  [{ summary: false }, { summary: false }, 0],
  [{ summary: 'false', recording: 0, transcript: 'yes' }, { summary: false, recording: false }, 3],
  [{ summary: 'hush-hush' }, {}, 1],
  ['recording', {}, 1],
  [false, {}, 1],
])('expects %j', (value, differs, notices) => {
  const [expects, ...words] = told((list) => expectsOf(value, list));
  expect(expects).toEqual({ recording: true, transcript: true, summary: true, ...differs });
  expect(words).toHaveLength(notices);
});

describe('a mistyped field', () => {
  const KNOWN = [
    'call_id',
    'webhook_url',
    'webhook_events',
    'secret_ref',
    'created_at',
    'end_at',
    'status',
    'metadata',
  ];

  it.each([
    ['webhookUrl', 'webhook_url'],
    ['WEBHOOK_URL', 'webhook_url'],
    ['webhook-url', 'webhook_url'],
    ['webhook_urls', 'webhook_url'],
    ['webhook_event', 'webhook_events'],
    ['callId', 'call_id'],
    ['callid', 'call_id'],
    ['secretRef', 'secret_ref'],
    ['secret_reff', 'secret_ref'],
    ['createdAt', 'created_at'],
    ['creatd_at', 'created_at'],
    ['ended_at', 'end_at'],
    ['metaData', 'metadata'],
    ['staus', 'status'],
    ['state', 'status'],
  ])('%s is told with what was meant: %s', (key, meant) => {
    expect(nearMisses([key], KNOWN, KNOWN)).toEqual([{ key, meant }]);
  });

  it.each(['id', 'url', 'internal_cost', 'agent', 'updated_at', 'sent_at', 'duration_ms', '', '__proto__'])(
    '%s is simply another field',
    (key) => {
      expect(nearMisses([key], KNOWN, KNOWN)).toEqual([]);
    },
  );

  it.each([
    `secret_ref${'é'.repeat(30_000)}`,
    `secret_ref${' '.repeat(50)}whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`,
    `${' '.repeat(60)}secret_ref`,
    'secret_réf',
    'secret`ref',
  ])('that is long or odd is not told: it may be a secret, and it would stand in the run', (key) => {
    expect(nearMisses([key], KNOWN, KNOWN)).toEqual([]);
  });

  it.each([
    [1_000, true],
    [1_001, false],
    [200_000, false],
  ])('is told where it is key %i: %p', (number, isTold) => {
    const keys = [...Array.from({ length: number - 1 }, (_, at) => `column${at}`), 'secretRef'];
    expect(nearMisses(keys, KNOWN, KNOWN)).toHaveLength(isTold ? 1 : 0);
  });

  it.each([
    [60, true],
    [61, false],
    [5_000_000, false],
  ])('of %i characters is told: %p', (length, isTold) => {
    const key = `secret${'-'.repeat(length - 9)}ref`;
    expect(key).toHaveLength(length);
    expect(nearMisses([key], KNOWN, KNOWN)).toHaveLength(isTold ? 1 : 0);
  });

  it('is another field where the field that it resembles is there', () => {
    expect(nearMisses(['createdAt'], KNOWN, ['call_id'])).toEqual([]);
  });

  it('is found in any spelling of a known name that only changes case and separators', () => {
    const spelling = fc
      .constantFrom(...KNOWN)
      .chain((name) =>
        fc
          .tuple(fc.constantFrom('', '-', ' ', '.'), fc.boolean())
          .map(
            ([separator, isUpper]) => [(isUpper ? name.toUpperCase() : name).replaceAll('_', separator), name] as const,
          ),
      );
    fc.assert(
      fc.property(spelling, ([key, meant]) => {
        expect(nearMisses([key], KNOWN, KNOWN)).toEqual(KNOWN.includes(key) ? [] : [{ key, meant }]);
      }),
    );
  });
});

it('a getter that throws counts as missing, and is told; each getter is read once', () => {
  let read = 0;
  const call = {
    get call_id() {
      read += 1;
      return 'call-1';
    },
    get status(): string {
      throw new Error('a bug of the host');
    },
  };
  const [fields, ...words] = told((list) => readFields(call, ['call_id', 'status'], [], list));
  expect(fields).toEqual({ call_id: 'call-1' });
  expect(words).toEqual(['repaired status: reading it throws an error: taken as missing']);
  expect(read).toBe(1);
});

it.each([
  [24, 24, 'changed'],
  [25, 25, '1 more repairs'],
  [26, 25, '2 more repairs'],
  [30, 25, '6 more repairs'],
  [100_000, 25, '99976 more repairs'],
])('of %i repairs the list has %i entries, the last of which says: %s', (count, entries, last) => {
  const list = new RepairList();
  for (let index = 0; index < count; index += 1) list.repaired(`field_${index}`, 'changed');
  expect(list.notices).toHaveLength(entries);
  expect(list.notices.at(-1)).toMatchObject({ code: 'repaired', problem: last });
});
