/** Bodies the signature vectors are made of: what other languages get wrong first. All but the page's by the real
 *  renderer. */
import seed from '../../test/vectors/seed-call-completed.json';
import { callBody, SAMPLE_ARTIFACTS, SAMPLE_CALL, samples } from '../contract/samples.ts';

/** The vendor page's sample, as the golden vector has it. */
export const SEED_BODY: string = seed.body;

/** Body by what is special about it. */
export const BODIES = {
  utf8: callBody({ ...SAMPLE_CALL, metadata: { name: 'Jürgen Müller', city: '東京', mood: '👋🏽' } }),
  lineSeparators: callBody(SAMPLE_CALL, {
    ...SAMPLE_ARTIFACTS,
    summary: { status: 'ready', value: 'one\u2028two\u2029three </script> \\ " \u007f' },
  }),
  emptyMetadata: callBody({ ...SAMPLE_CALL, metadata: {} }),
  integerLikeKeys: callBody({ ...SAMPLE_CALL, metadata: { b: 1, '10': 'ten', '2': 'two', a: { '1': [], '0': null } } }),
  failedCall: samples()['call.failed'],
  campaign: samples()['campaign.started'],
} as const;

/** The same JSON with blanks, as a receiver has it who parsed the body and printed it again. */
export function prettyPrinted(body: string): string {
  return JSON.stringify(JSON.parse(body), undefined, 2);
}
