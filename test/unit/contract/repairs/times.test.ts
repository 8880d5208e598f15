/** Times in every form in which engines hold them. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTime, timeOf } from '../../../../contract/repairs/times.ts';
import { RepairList } from '../../../../contract/repairs/repair-list.ts';

const AT = '2026-01-31T10:30:00Z';

describe('a time is read from', () => {
  it.each<[string, unknown]>([
    ['ISO 8601', '2026-01-31T10:30:00.999Z'],
    ['another zone', '2026-01-31T16:00:00+05:30'],
    ['spaces around it', ' 2026-01-31T10:30:00Z\n'],
    ['no zone', '2026-01-31T10:30:00'],
    ['microseconds without a zone', '2026-01-31T10:30:00.123456'],
    ['PostgreSQL’s text', '2026-01-31 10:30:00+00'],
    ['PostgreSQL’s text with microseconds', '2026-01-31 10:30:00.123456+00'],
    ['PostgreSQL’s text of another zone', '2026-01-31 16:00:00+05:30'],
    ['MySQL’s text', '2026-01-31 10:30:00'],
    ['text with UTC behind it', '2026-01-31 10:30:00 UTC'],
    ['ISO 8601 in its basic form', '20260131T103000Z'],
    ['a comma before the fraction', '2026-01-31T10:30:00,5Z'],
    ['Java’s zone in brackets', '2026-01-31T11:30:00+01:00[Europe/Berlin]'],
    ['an offset of hours', '2026-01-31T11:30:00+01'],
    ['RFC 2822', 'Sat, 31 Jan 2026 10:30:00 +0000'],
    ['RFC 2822 with the name of a zone', 'Sat, 31 Jan 2026 05:30:00 EST'],
    ['HTTP', 'Sat, 31 Jan 2026 10:30:00 GMT'],
    ['RFC 2822 without weekday and seconds', '31 Jan 2026 10:30 +0000'],
    ['JavaScript’s String(date)', 'Sat Jan 31 2026 11:30:00 GMT+0100 (Central European Standard Time)'],
    ['unix seconds', 1_769_855_400],
    ['unix seconds with a fraction', 1_769_855_400.75],
    ['unix milliseconds', 1_769_855_400_999],
    ['unix seconds as text', '1769855400'],
    ['unix milliseconds as text', '1769855400000'],
    ['a BigInt', 1_769_855_400n],
    ['digits alone', '20260131103000'],
    ['digits without seconds', '202601311030'],
    ['digits as a number', 20_260_131_103_000],
    ['digits without seconds as a number', 202_601_311_030],
    ['digits as a BigInt', 20_260_131_103_000n],
    ['Java’s UTC with its zone in brackets', '2026-01-31T10:30:00Z[UTC]'],
    ['a Date', new Date('2026-01-31T10:30:00.500Z')],
    ['an object of a date library', { toISOString: () => '2026-01-31T11:30:00.000+01:00' }],
    ['an object that only writes itself as JSON', { toJSON: () => '2026-01-31T10:30:00Z' }],
  ])('%s', (_what, value) => {
    expect(readTime(value)?.time).toBe(AT);
  });

  it.each<[string, unknown]>([
    ['RFC 3339', '2016-12-31T23:59:60Z'],
    ['RFC 3339 with a fraction', '2016-12-31T23:59:60.500Z'],
    ['another zone', '2016-12-31T15:59:60-08:00'],
    ['no zone', '2016-12-31T23:59:60'],
    ['PostgreSQL’s text', '2016-12-31 23:59:60+00'],
    ['ISO 8601 in its basic form', '20161231T235960Z'],
    ['RFC 2822', 'Sat, 31 Dec 2016 23:59:60 GMT'],
    ['JavaScript’s String(date)', 'Sat Dec 31 2016 23:59:60 GMT+0000 (UTC)'],
    ['digits alone', '20161231235960'],
    ['digits as a number', 20_161_231_235_960],
  ])('a leap second, as the second after it: %s', (_what, value) => {
    expect(readTime(value)).toEqual({ time: '2017-01-01T00:00:00Z', form: expect.any(String) });
  });

  it.each(['2016-12-31T23:59:61Z', '2016-12-31T23:60:60Z', '2016-02-30T23:59:60Z', '9999-12-31T23:59:60Z'])(
    'nothing like it: %s',
    (text) => expect(readTime(text)).toBeUndefined(),
  );

  it.each([
    [100, AT],
    [101, undefined],
    [5_000_000, undefined],
  ])('a text of %i characters: %p', (length, time) => {
    // A browser writes the name of the zone in its own language, however long that is.
    const start = 'Sat Jan 31 2026 11:30:00 GMT+0100 (';
    const text = `${start}${'x'.repeat(length - start.length - 1)})`;
    expect(text).toHaveLength(length);
    expect(readTime(text)?.time).toBe(time);
  });

  it('a Date of any time of this century, in each of its forms', () => {
    const date = fc.date({
      // Unix milliseconds have 13 digits since then.
      min: new Date('2001-09-09T01:46:40Z'),
      max: new Date('2100-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (when) => {
        const time = `${when.toISOString().slice(0, 19)}Z`;
        const seconds = Math.floor(when.getTime() / 1_000);
        const forms = [
          when,
          when.getTime(),
          seconds,
          String(seconds),
          when.toUTCString(),
          String(when),
          time.replace('T', ' ').replace('Z', ''),
          time.replaceAll(/\D/g, ''),
          Number(time.replaceAll(/\D/g, '')),
        ];
        for (const form of forms) expect(readTime(form)?.time).toBe(time);
      }),
    );
  });
});

describe('no time is', () => {
  it.each<[string, unknown]>([
    ['a word', 'yesterday'],
    ['a date, of which nobody knows the time', '2026-01-31'],
    ['a 30 February', '2026-02-30 10:30:00'],
    ['a 30 February in digits alone', '20260230103000'],
    ['a 30 February in digits as a number', 20_260_230_103_000],
    ['a 13th month in digits', '202613311030'],
    ['digits with a 60th minute', 20_260_131_106_000],
    ['11 digits', '20260131103'],
    ['unix microseconds', 1_769_855_400_000_000],
    ['the name of a zone without an offset', '2026-01-31T10:30:00[Europe/Berlin]'],
    ['UTC in brackets without an offset', '2026-01-31 10:30:00[UTC]'],
    ['an American date', '01/31/2026 10:30'],
    ['PostgreSQL’s infinity', 'infinity'],
    ['a zone nobody knows', 'Sat, 31 Jan 2026 10:30:00 XYZ'],
    ['0, which many mean as "not set"', 0],
    ['a small number', 20_260_131],
    ['a negative number', -1_769_855_400],
    ['a time after the year 9999', 253_402_300_800_000],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['true', true],
    ['an object', {}],
    ['a list', [AT]],
    ['an invalid Date', new Date(Number.NaN)],
    ['an object that throws', { toISOString: () => JSON.parse('{') as unknown }],
    ['an object that writes no text', { toJSON: () => 5 }],
    ['a text of megabytes', '2'.repeat(5_000_000)],
  ])('%s: null is sent, and it is told', (_what, value) => {
    const list = new RepairList();
    expect(timeOf(value, 'end_at', list)).toBeNull();
    expect(list.notices).toMatchObject([{ code: 'repaired', field: 'end_at' }]);
    expect(list.notices[0]?.problem).toContain('no time can be read from it, so null is sent; send an ISO 8601 time');
  });

  it.each([undefined, null, ''])('%p, which is missing and no mistake', (value) => {
    const list = new RepairList();
    expect(timeOf(value, 'end_at', list)).toBeNull();
    expect(list.notices).toEqual([]);
  });
});

describe('what is told', () => {
  it.each<[unknown, string]>([
    ['2026-01-31T10:30:00', 'a string of 19 characters: has no zone, so it was read as UTC'],
    ['2026-01-31 10:30:00+00', 'a string of 22 characters: read as ISO 8601'],
    [1_769_855_400, 'an integer: read as unix seconds'],
    [20_260_131_103_000, 'an integer: read as YYYYMMDDhhmmss in UTC'],
    [new Date(AT), 'an instance of Date: an object, written as ISO 8601'],
  ])('of %p', (value, problem) => {
    const list = new RepairList();
    expect(timeOf(value, 'created_at', list)).toBe(AT);
    const rule = 'an ISO 8601 time with Z or an offset, such as 2025-12-22T10:30:05Z';
    expect(list.notices).toEqual([{ code: 'repaired', field: 'created_at', problem: `${problem}; send ${rule}` }]);
  });

  it('is nothing of ISO 8601 with a zone', () => {
    const list = new RepairList();
    expect(timeOf('2026-01-31T11:30:00+01:00', 'created_at', list)).toBe(AT);
    expect(list.notices).toEqual([]);
  });
});
