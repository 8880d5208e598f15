/** The search for canaries does find them. Otherwise its "0 hits" would mean nothing. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { sweep } from '../support/canary.ts';

const CANARY = 'whsec_canary+of/24=bytes "quoted"';

test.each<[string, (text: string) => string]>([
  ['plain', (text) => text],
  ['JSON', (text) => JSON.stringify({ text })],
  ['URL-encoded', encodeURIComponent],
  ['hex', (text) => Buffer.from(text).toString('hex')],
  ['upper-case hex', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ['base64', (text) => Buffer.from(text).toString('base64')],
  ['base64url', (text) => Buffer.from(text).toString('base64url')],
])('a canary planted as %s is found, whatever stands around it', (_form, encode) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const text = encode(`${before.replace(/[^\x20-\x7e]/g, '')}${CANARY}${after.replace(/[^\x20-\x7e]/g, '')}`);
      expect(sweep([CANARY], [{ where: 'there', text }])).toEqual(['whsec_canary+o… in there']);
    }),
  );
});

test('nothing is found where there is none', () => {
  expect(sweep([CANARY], [{ where: 'there', text: 'whsec_canary+of/24' }])).toEqual([]);
});
