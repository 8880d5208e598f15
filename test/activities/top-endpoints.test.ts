/** Which endpoints get a label of their own, and how label sets stay few. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeriesLimit } from '../../activities/metrics/series-limit.ts';
import { TopEndpoints } from '../../activities/metrics/top-endpoints.ts';
import { randomOf } from '../support/random.ts';

describe('labels of endpoints', () => {
  it('are at most as many as allowed, whatever comes, and a label that was given stays', () => {
    for (let most = 1; most <= 20; most += 1) {
      const random = randomOf(most);
      const top = new TopEndpoints(most);
      const given = new Set<string>();
      const wrong: string[] = [];
      for (let index = 0; index < 2_000; index += 1) {
        // Each of 25 has a share that is large enough for a label.
        const endpoint = `ep_${random.between(1, 25)}`;
        const label = top.labelFor(endpoint);
        if (label !== endpoint && (label !== 'other' || given.has(endpoint))) wrong.push(`${endpoint}: ${label}`);
        if (label !== 'other') given.add(label);
      }
      expect(wrong).toEqual([]);
      expect(given.size).toBeLessThanOrEqual(most);
    }
  });

  it('go to an endpoint with a large share, although many small ones came first', () => {
    const top = new TopEndpoints(10);
    for (let index = 0; index < 1_000; index += 1) top.labelFor(`ep_${index}`);
    let label = '';
    for (let index = 0; index < 200; index += 1) label = top.labelFor('ep_large');
    expect(label).toBe('ep_large');
  });

  it.each([
    [20, 20, false],
    [21, 20, true],
    [1_000, 10, true],
  ])('of %d endpoints with equal shares, %d get one of 20', (endpoints, labelled, hasOther) => {
    const top = new TopEndpoints(20);
    const given = new Set<string>();
    for (let index = 0; index < endpoints * 30; index += 1) given.add(top.labelFor(`ep_${index % endpoints}`));
    // What came before an endpoint had its share was counted as other.
    const last = Array.from({ length: endpoints }, (_each, index) => top.labelFor(`ep_${index}`));
    expect([given.size - 1, last.includes('other')]).toEqual([labelled, hasOther]);
  });

  it('do not all go to a thousand small ones', () => {
    const top = new TopEndpoints(10);
    const given = new Set<string>();
    for (let index = 0; index < 20_000; index += 1) given.add(top.labelFor(`ep_${index % 1_000}`));
    expect([...given].toSorted()).toEqual(['ep_0', 'ep_1', 'ep_2', 'ep_3', 'ep_4', 'other']);
  });
});

describe('label sets of a counter', () => {
  it('stay below the limit, and a set that was counted is counted under the same labels again', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    fc.assert(
      fc.property(fc.array(fc.record({ event: word, state: fc.constantFrom('x', 'y') }), { maxLength: 60 }), (all) => {
        const limit = new SeriesLimit([{ above: 5, labels: ['event'] }]);
        const sets = new Map<string, string>();
        for (const labels of all) {
          const fitted = JSON.stringify(limit.fit(labels));
          expect(JSON.parse(fitted)).toMatchObject({ state: labels.state });
          const key = JSON.stringify(labels);
          expect(fitted).toBe(sets.get(key) ?? fitted);
          sets.set(key, fitted);
        }
        expect(new Set(sets.values()).size).toBeLessThanOrEqual(7);
      }),
    );
  });
});
