/** Bodies by type and by schema: both are the published contract, less what older senders leave out. */
import { describe, expect, it, test } from '@jest/globals';
import { bodySchemas, EVENT_NAMES } from '../../../contract/index.ts';
import type { EventName, WebhookBodies } from '../../../contract/index.ts';
import { checkEvent, receive } from '../../../receiver/index.ts';
import type { CallFailedEvent, WebhookEvent, WebhookEventOf } from '../../../receiver/index.ts';
import { samples } from '../../../scripts/contract/samples.ts';
import { BODY } from './signed-request.ts';

// These compile only while the two doors speak of the same bodies.
const asReceived = <Name extends EventName>(event: WebhookBodies[Name]): WebhookEventOf<Name> => event;
const asPublished = <Name extends EventName>(event: WebhookEventOf<Name>): WebhookBodies[Name] => event;
const nextPause = (event: WebhookEventOf<'campaign.paused'>): string => event.occurrence;
// @ts-expect-error: older senders leave it out
const recording = (call: WebhookEventOf<'call.completed'>): string => call.artifacts.recording;
const typed = () =>
  receive({
    secret: 'whsec_',
    on: {
      'call.completed': (call) => call.call_id satisfies string,
      'campaign.paused': (campaign) => campaign.reason satisfies string | null,
      // @ts-expect-error: a field nobody sends
      'call.failed': (call) => call.eror_message,
      // @ts-expect-error: an event nobody sends
      'call.answered': () => undefined,
    },
  });
const narrowed = (event: WebhookEvent): string | null | undefined =>
  event.event === 'call.failed' ? (event satisfies CallFailedEvent).error_message : undefined;

const body = JSON.parse(BODY) as Record<string, unknown>;

describe('checkEvent', () => {
  it('accepts the vendor’s sample and keys that a newer sender adds, and gives the body back', async () => {
    const newer = { ...body, sentiment: 'good' };
    expect(await checkEvent(newer)).toEqual({ ok: true, event: newer });
  });

  it.each(EVENT_NAMES)('accepts the published sample of %s', async (event) => {
    expect(await checkEvent(sample(event))).toMatchObject({ ok: true, event: { event } });
  });

  it.each([
    ['call.completed', { created_at: 'yesterday' }],
    ['call.completed', { answered_by: '' }],
    ['call.completed', { transcript: [{ id: 1.5, user: 'user', text: '', created_at: '2025-12-22T10:30:05Z' }] }],
    ['campaign.paused', { stats: { completed: -1.5 } }],
    ['campaign.paused', { occurrence: null }],
  ] as const)('refuses what the published schema of %s refuses: %j', async (event, change) => {
    const damaged = { ...sample(event), ...change };
    expect(bodySchemas[event].safeParse(damaged).success).toBe(false);
    expect(await checkEvent(damaged)).toMatchObject({ ok: false });
  });

  it('accepts what older senders leave out, and nothing else that is missing', async () => {
    const accepted: string[] = [];
    for (const event of EVENT_NAMES) {
      for (const field of Object.keys(sample(event))) {
        const { [field]: _, ...older } = sample(event);
        if ((await checkEvent(older)).ok) accepted.push(`${event} without ${field}`);
      }
    }
    expect(accepted).toEqual([
      'call.completed without artifacts',
      'call.failed without artifacts',
      'call.failed without error_message',
    ]);
  });

  it.each([
    [{ duration: '2.5' }, 'duration'],
    [{ transcript: [{ id: 1, user: 'user', text: 7, created_at: '2025-12-22T10:30:05Z' }] }, 'transcript.0.text'],
    [{ status: 'failed' }, 'status'],
    [{ event: 'call.transferred' }, 'event'],
    [{ call_id: undefined }, 'call_id'],
  ])('names the field that is wrong in %j, and never a value', async (change, field) => {
    const checked = await checkEvent({ ...body, ...change, call_summary: 'hush' });
    expect(checked).toMatchObject({ ok: false, problems: [{ field, problem: expect.any(String) }] });
    expect(JSON.stringify(checked)).not.toContain('hush');
  });

  it.each([undefined, null, 7, 'text', []])('refuses %p', async (given) => {
    expect(await checkEvent(given)).toMatchObject({ ok: false });
  });
});

test('the types above are in use', () => {
  expect([asReceived, asPublished, nextPause, recording, typed, narrowed]).toHaveLength(6);
});

function sample(event: EventName): Record<string, unknown> {
  return JSON.parse(samples()[event]) as Record<string, unknown>;
}
