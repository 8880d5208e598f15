/** The renderer's bodies match the published schemas, for any call or campaign. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodySchemas, type WebhookBodies } from '../../../../contract/index.ts';
import { callBody, campaignBody, samples } from '../../../../scripts/contract/samples.ts';
import { anAcceptedCall, anAcceptedCampaignEvent, someArtifacts } from '../../../support/arbitrary-calls.ts';
import { VALIDATORS, wrongWith } from './validate-body.ts';

const RUNS = { numRuns: 1_000 };

describe('every body', () => {
  it('of a call is valid by its schema, and has no field the schema does not explain', () => {
    fc.assert(
      fc.property(anAcceptedCall(), someArtifacts(), (call, artifacts) => {
        expect(wrongWith(callBody(call, artifacts))).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('of a campaign event is valid by its schema, and has no field the schema does not explain', () => {
    fc.assert(
      fc.property(anAcceptedCampaignEvent(), (campaign) => {
        expect(wrongWith(campaignBody(campaign))).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('survives parsing and rendering again byte for byte, campaigns too', () => {
    fc.assert(
      fc.property(anAcceptedCampaignEvent(), (campaign) => {
        const body = campaignBody(campaign);
        expect(JSON.stringify(JSON.parse(body))).toBe(body);
      }),
    );
  });
});

describe('the schemas refuse', () => {
  it.each([
    ['a field that is missing', { call_id: undefined }],
    ['a duration in words', { duration: '2:30' }],
    ['a time with milliseconds', { created_at: '2025-12-22T10:30:00.000Z' }],
    ['an empty string where null is promised', { answered_by: '' }],
    ['an artifact in an unknown state', { artifacts: { recording: 'lost', transcript: 'ready', summary: 'ready' } }],
    ['another event', { event: 'call.failed' }],
  ])('%s', (_what, damage) => {
    const body: unknown = JSON.parse(JSON.stringify({ ...good(), ...damage }));
    expect(VALIDATORS.get('call.completed')!(body)).toBe(false);
    expect(bodySchemas['call.completed'].safeParse(body).success).toBe(false);
  });
});

describe('the type WebhookBodies', () => {
  it('is what the schemas parse to, which let unknown fields pass', () => {
    const parsed = bodySchemas['call.completed'].parse({ ...good(), later: 'field' });
    const call: WebhookBodies['call.completed'] = parsed;
    const minutes: number | null = call.duration;
    const line: string | undefined = call.transcript[0]?.text;
    expect([minutes, line, parsed['later']]).toEqual([2.5, 'Hi, this is Sarah from TopView Dental...', 'field']);
  });
});

function good(): Record<string, unknown> {
  return JSON.parse(samples()['call.completed']) as Record<string, unknown>;
}
