import { expect, it } from '@jest/globals';
import { given } from '../../../contract/given.ts';

it('leaves out what is undefined and keeps every other value', () => {
  const fields = { status: 503, code: undefined, reason: null, attempts: 0, host: '' } as const;
  expect(Object.entries(given(fields))).toEqual([
    ['status', 503],
    ['reason', null],
    ['attempts', 0],
    ['host', ''],
  ]);
});
