/** How large a report may be: a run starts and can end, or the start is refused with the size and the limit. */
import { describe, expect, it, test } from '@jest/globals';
import { checkInputSize } from '../../../client/input-size.ts';
import { chooseEndpoints } from '../../../client/choose-endpoints.ts';
import { readCallSettings } from '../../../contract/repairs/endpoint-settings.ts';
import { problemOfBody } from '../../../contract/run-input-problem.ts';
import { renderCallBody } from '../../../contract/render-body.ts';
import type { CallWebhookInput } from '../../../contract/run-messages.ts';
import { aRunInput } from '../../support/builders.ts';

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const check = (input: CallWebhookInput) => checkInputSize('call-webhook/c1', input);

/** An input of exactly this size, by a text in metadata. */
function ofBytes(bytes: number, change: Partial<CallWebhookInput> = {}): CallWebhookInput {
  const base = aRunInput(change);
  const made = (length: number) => ({ ...base, call: { ...base.call, metadata: { note: 'x'.repeat(length) } } });
  return made(bytes - jsonBytes(made(0)));
}

const manyEndpoints = (count: number, url = 'https://crm.example.com/', secretRef = 'main') =>
  Array.from({ length: count }, (_, index) => ({
    endpointId: `ep_${String(index).padStart(12, '0')}`,
    webhookId: `msg_${String(index).padStart(24, '0')}`,
    url,
    host: 'h'.repeat(253),
    secretRef,
  }));

describe('the input of a first run', () => {
  it('may have 425,984 bytes as JSON', () => {
    expect(jsonBytes(ofBytes(425_984))).toBe(425_984);
    expect(() => check(ofBytes(425_984))).not.toThrow();
  });

  it.each([425_985, 2_097_153, 20_000_000])('of %p bytes is refused with size, limit and largest field', (bytes) => {
    const input = ofBytes(bytes);
    expect(() => check(input)).toThrow(
      expect.objectContaining({
        name: 'InputTooLargeError',
        code: 'input_too_large',
        retryable: false,
        bytes,
        limit: 425_984,
        message:
          `call-webhook/c1: its input has ${bytes} bytes, and 425984 are allowed: nothing was started. ` +
          `The largest part is metadata with ${jsonBytes(input.call.metadata)} bytes.`,
      }),
    );
  });

  it('is counted in bytes: three for each of these', () => {
    const base = aRunInput();
    expect(() => check({ ...base, call: { ...base.call, metadata: { note: '€'.repeat(150_000) } } })).toThrow(
      'input has',
    );
  });
});

describe('the body without its artifacts', () => {
  it('has to fit to each of ten endpoints, with room for a recording URL', () => {
    const endpoints = manyEndpoints(10);
    const fits = ofBytes(260_000, { endpoints });
    expect(() => check(fits)).not.toThrow();
    const recording = { status: 'ready', value: '€'.repeat(16_384) } as const;
    const { body } = renderCallBody(fits.call, fits.event, { recording, transcript: NONE, summary: NONE }, 10);
    expect(problemOfBody(body, fits)).toBeUndefined();
    expect(() => check(ofBytes(330_000, { endpoints }))).toThrow(
      /^call-webhook\/c1: its body has \d+ bytes, and 265420 are allowed: nothing was started\./,
    );
    // The same call to one endpoint fits.
    expect(() => check(ofBytes(330_000))).not.toThrow();
  });

  it('is measured as Temporal carries it: quotes take four bytes', () => {
    const base = aRunInput({ endpoints: manyEndpoints(10) });
    const quotes = { ...base, call: { ...base.call, metadata: { note: '"'.repeat(80_000) } } };
    expect(jsonBytes(quotes)).toBeLessThan(200_000);
    expect(() => check(quotes)).toThrow('its body has');
  });
});

const NONE = { status: 'not_expected' } as const;

test('the largest report that the fields allow fits, with ten endpoints and ten refused ones', () => {
  const wide = (length: number) => '€'.repeat(length);
  const escaped = (length: number) => '\u0001'.repeat(length);
  const base = aRunInput();
  const texts = Object.keys(base.call).filter((name) => name !== 'metadata' && name !== 'status');
  const call = {
    ...base.call,
    ...Object.fromEntries(texts.map((name) => [name, escaped(1_024)])),
    error_message: escaped(8_192),
    metadata: { note: 'x'.repeat(16_384 - 11) },
  } as CallWebhookInput['call'];
  const good = Array.from({ length: 10 }, (_, index) => ({
    webhook_url: `https://r${index}.example.com/${wide(2_048 - 23)}`,
    secret_ref: escaped(1_024),
  }));
  const bad = good.map((_each, index) => ({ webhook_url: `${index}${escaped(3_000)}`, secret_ref: escaped(1_024) }));
  const ids = { workflowId: 'call-webhook/c1', event: 'call.completed', accountId: escaped(200) } as const;
  for (const endpoints of [good, bad, [...good, ...bad], [...good, ...good.map(withPath)]]) {
    const chosen = chooseEndpoints(ids, readCallSettings({ endpoints })).endpoints;
    const input = { ...base, call, endpoints: chosen, accountId: ids.accountId };
    expect(() => check(input)).not.toThrow();
  }
});

const withPath = ({ secret_ref, webhook_url }: { secret_ref: string; webhook_url: string }) => ({
  secret_ref,
  webhook_url: webhook_url.replace('€', '¥'),
});

describe('the input of a redelivery', () => {
  const redelivery = (body: string) => ({ cycle: 2, body, alreadyEnded: [] });

  it('has room for the largest input with the largest body and every outcome', () => {
    const input = ofBytes(425_984);
    const attempts = Array.from({ length: 11 }, (_, index) => ({ ...ATTEMPT, number: index + 1 }));
    const alreadyEnded = manyEndpoints(20).map((endpoint) => ({
      // Endpoints that ended count in the size of the first input.
      endpoint: { endpointId: endpoint.endpointId, webhookId: endpoint.webhookId, url: '', host: '' },
      outcome: {
        ...endpoint,
        url: undefined,
        secretRef: undefined,
        state: 'failed',
        reason: 'timeout_headers',
        attempts,
      },
    }));
    const body = 'x'.repeat(1_572_862);
    expect(() => check({ ...input, redelivery: { cycle: 2, body, alreadyEnded } as never })).not.toThrow();
  });

  it('above what the server takes is refused', () => {
    const input = aRunInput();
    const made = (length: number) => ({ ...input, redelivery: redelivery('x'.repeat(length)) });
    const rest = jsonBytes(made(0));
    expect(() => check(made(2_080_768 - rest))).not.toThrow();
    for (const bytes of [2_080_769, 2_097_152, 20_000_000]) {
      expect(() => check(made(bytes - rest))).toThrow(
        `input has ${bytes} bytes, and 2080768 are allowed: nothing was started. The largest part is redelivery`,
      );
    }
  });
});

const ATTEMPT = {
  number: 1,
  trigger: 'redelivery',
  startedAt: '2026-01-31T23:20:00.000Z',
  durationMs: 15_000,
  outcome: 'timeout',
  status: 503,
  code: 'timeout_headers',
  nextAttemptAt: '2026-01-31T23:21:00.043Z',
};
