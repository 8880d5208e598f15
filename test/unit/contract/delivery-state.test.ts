import { describe, expect, it } from '@jest/globals';
import { worstState } from '../../../contract/delivery-state.ts';

describe('the state that tells of a whole run', () => {
  it.each([
    [['delivered', 'delivered'], 'delivered'],
    [['delivered', 'cancelled'], 'cancelled'],
    [['cancelled', 'gone', 'delivered'], 'gone'],
    [['gone', 'refused'], 'refused'],
    [['refused', 'failed', 'gone'], 'failed'],
    [['failed', 'terminated'], 'terminated'],
    [[], 'delivered'],
  ] as const)('%p is %s', (states, worst) => {
    expect(worstState(states)).toBe(worst);
    expect(worstState(states.toReversed())).toBe(worst);
  });
});
