/** The ledger of one delivery: what it remembers of attempts that could not report. */
import { expect, it } from '@jest/globals';
import { DeliveryTrack } from '../../../workflows/delivery-track.ts';
import { aReport } from '../../support/builders.ts';

const ENDPOINT = { endpointId: 'ep_1', webhookId: 'msg_1', url: 'https://example.com/', host: 'example.com' };

function afterOneFailure(): DeliveryTrack {
  const track = new DeliveryTrack(ENDPOINT, [60_000, 300_000]);
  track.enter(aReport());
  return track;
}

it('a cancel that tells of an attempt whose worker was killed has it in the outcome', () => {
  const track = afterOneFailure();
  track.cancel(2);
  track.close('cancelled');
  expect(track.outcome().attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'http'],
    [2, 'unknown'],
  ]);
});

it('a cancel that tells of nothing, or of more than the ladder has, invents no attempt', () => {
  const told = [undefined, 1, 99].map((attemptsMade) => {
    const track = afterOneFailure();
    track.cancel(attemptsMade);
    track.close('cancelled');
    return track.outcome().attempts.length;
  });
  expect(told).toEqual([1, 1, 3]);
});
