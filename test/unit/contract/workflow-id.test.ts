import { describe, expect, it } from '@jest/globals';
import { callWorkflowId, campaignWorkflowId, ID_PATTERN } from '../../../contract/workflow-id.ts';

describe('workflow ids', () => {
  it('are made of the call id alone', () => {
    expect(callWorkflowId('564d4fd4-03bc-400a-abe0-05540fbeff88')).toBe(
      'call-webhook/564d4fd4-03bc-400a-abe0-05540fbeff88',
    );
  });

  it('are made of campaign, event and occurrence', () => {
    expect(campaignWorkflowId('camp_1', 'campaign.started')).toBe('campaign-webhook/camp_1/campaign.started');
    expect(campaignWorkflowId('camp_1', 'campaign.paused', '2')).toBe('campaign-webhook/camp_1/campaign.paused/2');
  });

  it.each([
    ['a', true],
    ['A-Z.a_z:0-9', true],
    ['x'.repeat(200), true],
    ['x'.repeat(201), false],
    ['', false],
    ['a/b', false],
    ['a b', false],
    ['a\n', false],
    ['ä', false],
    ['a\u0000', false],
  ])('allow the id %j: %p', (id, isAllowed) => {
    expect(ID_PATTERN.test(id)).toBe(isAllowed);
  });
});
