/** Calls, artifacts and campaign events that the door accepts, of every kind fast-check thinks of. */
import fc from 'fast-check';
import { CAMPAIGN_EVENTS, type CallEnded, type CollectedArtifacts } from '../../contract/index.ts';
import { judgeArtifacts } from '../../contract/schemas/artifacts.ts';
import { type CampaignEvent } from '../../contract/schemas/campaign-event.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const someText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(arbitrary, fc.constantFrom(null, undefined));
const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });
const time = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ min: 1e-4, max: 999_999_999_999_999, noNaN: true }),
  fc.double(),
);
/**
 * Keys that look like list indexes get another order. Names of Object.prototype's own members are the classic trap.
 */
const key = fc.oneof(anyText, fc.constantFrom('0', '2', '1', '10', '-1', 'toJSON', 'valueOf', 'hasOwnProperty', ''));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    anyText,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
}));
const metadata = fc.oneof(fc.dictionary(key, value, { maxKeys: 8 }), fc.anything());

/** A call whose fields have the right types; its metadata is anything. */
export function anAcceptedCall(): fc.Arbitrary<CallEnded> {
  return fc.record({
    call_id: id,
    status: fc.constantFrom('completed' as const, 'failed' as const),
    phone_number: someText,
    from_phone_number: someText,
    call_status: maybe(anyText),
    duration: maybe(fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e6, noNaN: true }))),
    answered_by: maybe(anyText),
    campaign_id: maybe(id),
    lead_id: maybe(anyText),
    created_at: time,
    started_at: maybe(time),
    end_at: maybe(time),
    metadata,
    error_message: maybe(anyText),
  });
}

const TIMED_OUT = { status: 'timed_out' } as const;
const artifact = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    value.map((ready) => ({ status: 'ready', value: ready })),
    fc.constantFrom({ status: 'pending' }, { status: 'unavailable' }),
  );
const transcript = fc.array(fc.record({ id: fc.maxSafeInteger(), user: anyText, text: anyText, created_at: time }), {
  maxLength: 6,
});

/** Artifacts as the fetch activity judges them, when some are still open at the deadline or were not expected. */
export function someArtifacts(): fc.Arbitrary<CollectedArtifacts> {
  const answer = fc.record({
    recording: artifact(fc.oneof(fc.webUrl(), someText)),
    transcript: artifact(transcript),
    summary: artifact(anyText),
  });
  const expects = fc.record({ recording: fc.boolean(), transcript: fc.boolean(), summary: fc.boolean() });
  return fc.tuple(answer, expects).map(([given, expected]) => {
    const { artifacts: judged } = judgeArtifacts(given, expected);
    return {
      recording: judged.recording ?? TIMED_OUT,
      transcript: judged.transcript ?? TIMED_OUT,
      summary: judged.summary ?? TIMED_OUT,
    };
  });
}

/** A campaign event or test whose fields have the right types; its metadata is anything. */
export function anAcceptedCampaignEvent(): fc.Arbitrary<CampaignEvent> {
  const counters = fc.dictionary(fc.oneof(anyText, fc.constantFrom('pending', '1', '0')), fc.nat(), { maxKeys: 6 });
  return fc
    .record({
      event: fc.constantFrom(...CAMPAIGN_EVENTS, 'webhook.test' as const),
      campaign_id: id,
      name: someText,
      status: someText,
      stats: counters,
      created_at: time,
      started_at: maybe(time),
      end_at: maybe(time),
      reason: maybe(anyText),
      metadata,
      occurrence: id,
    })
    .map((event) => ({ ...event, total_leads: Object.values(event.stats).reduce((sum, count) => sum + count, 0) }));
}
