/** Refuses inputs that are too large for a run, before they are sent. Otherwise the server would refuse the start
 *  without a size, or the run would start and be unable to carry its body. Pure. */
import { utf8Bytes } from '../contract/byte-length.ts';
import { MAX_RECORDING_URL_LENGTH, MAX_REDELIVERY_BYTES, MAX_RUN_INPUT_BYTES } from '../contract/limits.ts';
import {
  bodyPayloadBytes,
  copiesOf,
  mostBodyBytes,
  renderCallBody,
  renderCampaignBody,
} from '../contract/render-body.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { InputTooLargeError } from './errors.ts';

/** Throws `InputTooLargeError` unless a run with this input can start, carry its body and be redelivered. */
export function checkInputSize(workflowId: string, input: AnyRunInput): void {
  const isFirst = input.redelivery === undefined;
  const limit = isFirst ? MAX_RUN_INPUT_BYTES : MAX_REDELIVERY_BYTES;
  const bytes = jsonBytes(input);
  if (bytes > limit) throw new InputTooLargeError(workflowId, { what: 'input', bytes, limit, largest: largest(input) });
  // A body takes at most twice the bytes of the data it is made from. Most calls are far below.
  if (isFirst && bytes > MOST_BYTES_OF_A_FITTING_BODY) checkBody(workflowId, input);
}

const MOST_BYTES_OF_A_FITTING_BODY = 131_072;

/** The body without its artifacts has to fit. Transcript and summary are left out of a larger one, a recording URL is
 *  not. */
function checkBody(workflowId: string, input: AnyRunInput): void {
  const copies = copiesOf(input.endpoints);
  const { body } =
    'call' in input
      ? renderCallBody(input.call, input.event, NO_ARTIFACTS, copies)
      : renderCampaignBody(input.campaign, input.event);
  const bytes = bodyPayloadBytes(body);
  // Each character of a URL takes at most three bytes.
  const limit = mostBodyBytes(copies) - MAX_RECORDING_URL_LENGTH * 3;
  if (bytes > limit) throw new InputTooLargeError(workflowId, { what: 'body', bytes, limit, largest: largest(input) });
}

const NONE = { status: 'not_expected' } as const;
const NO_ARTIFACTS = { recording: NONE, transcript: NONE, summary: NONE };

/** The largest field of the input, for the message. */
function largest(input: AnyRunInput): string {
  const { endpoints, redelivery } = input;
  const data: Readonly<Record<string, unknown>> = 'call' in input ? input.call : input.campaign;
  const sizes = Object.entries({ ...data, endpoints, redelivery }).map(
    ([name, value]) => [name, jsonBytes(value)] as const,
  );
  const [name, bytes] = sizes.reduce((most, each) => (each[1] > most[1] ? each : most));
  return `${name} with ${bytes} bytes`;
}

function jsonBytes(value: unknown): number {
  return value === undefined ? 0 : utf8Bytes(JSON.stringify(value));
}
