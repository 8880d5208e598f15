import { expect, it } from '@jest/globals';
import { EVENT_NAMES, isEventName } from '../../../contract/event-types.ts';

it('the event catalogue is what receivers were promised', () => {
  expect(EVENT_NAMES).toEqual([
    'call.completed',
    'call.failed',
    'campaign.started',
    'campaign.completed',
    'campaign.paused',
    'campaign.resumed',
    'campaign.stopped',
    'webhook.test',
  ]);
  expect(isEventName('call.completed')).toBe(true);
  expect(isEventName('call.complete')).toBe(false);
  expect(isEventName('toString')).toBe(false);
});
