/** What a receiver refuses when it is made: each of these would acknowledge webhooks that it never handles. */
import { expect, test } from '@jest/globals';
import { receive } from '../../../receiver/index.ts';

const handler = () => undefined;

test.each<[string, object, string]>([
  [
    'a handler of a misspelt event',
    { on: { 'call.complete': handler } },
    'on has a handler of "call.complete", which is no event; events are call.completed,',
  ],
  [
    'a handler that is no function',
    { on: { 'call.completed': 'store' } },
    'on["call.completed"] is of type string; it must be a function',
  ],
  ['no handler', { on: {} }, 'on has no handler'],
  ['handlers that are none', { on: 5 }, 'on is of type number'],
  ['no handlers at all', {}, 'on is of type undefined'],
  [
    'a store of seen events without its functions',
    { on: handler, seen: { claim: handler } },
    'seen has no function done, release; a store has claim, done, release',
  ],
  ['a store of seen events that is null', { on: handler, seen: null }, 'seen has no function claim, done, release'],
  ['a misspelt option', { On: {}, on: handler }, 'unknown option On; known are secret, on,'],
])('%s is refused by name', (_what, options, words) => {
  expect(() => receive({ secret: 'whsec_x', ...options } as never)).toThrow(words);
});

test('a secret that is not there is not refused here: a build may load the module without one', () => {
  expect(() => receive({ secret: undefined, on: handler })).not.toThrow();
  expect(() => receive({ secret: undefined, on: { 'call.completed': undefined }, onUnknown: handler })).not.toThrow();
});
