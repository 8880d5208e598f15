import { expect, test } from '@jest/globals';
import { said, whoCancelled } from '../../../contract/who-asked.ts';

test('of several cancels the first with a reason counts, so that reason and identity belong together', () => {
  const cancels = [{ by: 'button' }, { reason: 'moved', by: 'ann' }, { reason: 'again', by: 'bob' }];
  expect(whoCancelled(cancels)).toEqual({ cancelReason: 'moved', cancelledBy: 'ann' });
  expect(whoCancelled([{ by: 'button' }, { by: 'worker' }])).toEqual({ cancelledBy: 'button' });
  expect(whoCancelled([])).toEqual({});
});

test('a cancel for one endpoint tells nothing of another', () => {
  const cancels = [{ endpointId: 'ep_one', reason: 'moved', by: 'ann' }, { by: 'bob' }];
  expect(whoCancelled(cancels, 'ep_one')).toEqual({ cancelReason: 'moved', cancelledBy: 'ann' });
  expect(whoCancelled(cancels, 'ep_two')).toEqual({ cancelledBy: 'bob' });
});

test.each([
  [undefined, undefined],
  [null, undefined],
  ['', undefined],
  ['ann@desk', 'ann@desk'],
  ['x'.repeat(500), 'x'.repeat(500)],
  ['x'.repeat(501), 'x'.repeat(500)],
  ['x'.repeat(1_000_000), 'x'.repeat(500)],
  [`${'x'.repeat(499)}📞`, 'x'.repeat(499)],
])('%j of history is %j', (text, expected) => {
  expect(said(text)).toBe(expected);
});
