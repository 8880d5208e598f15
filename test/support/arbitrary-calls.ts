/** Calls that the door accepts, of every kind fast-check thinks of. */
import fc from 'fast-check';
import { callEndedSchema, type CallEnded } from '../../contract/index.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const someText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(arbitrary, fc.constantFrom(null, undefined));
const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,200}$/);
const time = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ min: 1e-4, max: 999_999_999_999_999, noNaN: true }),
  fc.double(),
);
/** Keys that look like list indexes reorder themselves; names of Object.prototype's own are the classic trap. */
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

/** A call that `callEndedSchema` takes. */
export function anAcceptedCall(): fc.Arbitrary<CallEnded> {
  return fc
    .record({
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
    })
    .filter((call) => callEndedSchema.safeParse(call).success);
}
