/** What an operator reads in the Web UI's Current Details, state by state. */
import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Attempt, DeliveryStatus, WebhookStatus } from '../../../contract/delivery-state.ts';
import { liveDetails } from '../../../workflows/live-details.ts';
import { DRIVES_A_SCREEN, hostileText } from '../../support/hostile-text.ts';

const first: Attempt = {
  number: 1,
  trigger: 'schedule',
  startedAt: '2026-01-31T23:14:56.290Z',
  durationMs: 12,
  outcome: 'http',
  status: 503,
};

function details(
  state: WebhookStatus['state'],
  delivery: Partial<DeliveryStatus> = {},
  run: Partial<WebhookStatus> = {},
): string {
  const known = { endpointId: 'ep_1', host: 'crm.example.com', webhookId: 'msg_1', attempts: [first] };
  const deliveries = [{ ...known, state, ...delivery }];
  return liveDetails({ workflowId: 'call-webhook/c1', event: 'call.completed', state, deliveries, ...run }, 5);
}

it('puts an empty line before every list, without which the Web UI shows none, and nests none', () => {
  const lines = details('retrying', { nextAttemptAt: '2026-01-31T23:15:56.000Z' }).split('\n');
  const starts = lines.flatMap((line, index) =>
    line.startsWith('- ') && !lines[index - 1]?.startsWith('- ') ? [lines[index - 1]] : [],
  );
  expect(starts).toEqual(['', '']);
  expect(lines.filter((line) => /^\s+-/.test(line))).toEqual([]);
});

it('offers retryNow only while an attempt waits, and no signal after the end', () => {
  expect(details('retrying', { nextAttemptAt: '2026-01-31T23:15:56.000Z' })).toContain('`retryNow`');
  // Asked to stop, or hurried already: the attempt is in flight.
  expect(details('retrying')).not.toContain('`retryNow`');
  expect(details('settling')).not.toContain('`retryNow`');
  expect(details('settling')).toContain('`cancel`');
  for (const state of ['delivered', 'failed', 'gone', 'refused', 'cancelled'] as const) {
    expect(details(state)).not.toMatch(/`retryNow`|`cancel`/);
  }
});

it('names the way to deliver again where something was not delivered', () => {
  expect(details('delivered')).not.toContain('redeliver');
  expect(details('failed')).toContain('`redeliver`, see docs/web-ui.md');
  expect(details('cancelled')).toContain('`redeliver`, see docs/web-ui.md');
});

it('tells the reason of a cancel on one line, and whether anything had been sent', () => {
  expect(details('cancelled', {}, { cancelReason: 'moved\nto another URL' })).toContain(
    '\n\nCancel asked: `moved to another URL`\n\n',
  );
  expect(details('cancelled', { attempts: [] })).toContain('**cancelled** before the first attempt');
});

it('tells why our own rules refused, and which artifacts the body lacks', () => {
  expect(details('refused', { reason: 'address' })).toContain('**refused** by our own rules: `address`');
  const artifacts = { recording: 'ready', transcript: 'timed_out', summary: 'not_expected' } as const;
  expect(details('delivered', {}, { artifacts })).toContain('Sent without: transcript (timed_out)\n');
});

it('numbers the attempt that goes by retryNow, and says of a lost one that it may have arrived', () => {
  const lost: Attempt = { ...first, number: 2, outcome: 'unknown', durationMs: 0 };
  const hurried: Attempt = { ...first, number: 3, trigger: 'retry_now' };
  const text = details('retrying', { attempts: [first, lost, hurried] });
  expect(text).toContain('**attempt 4 of 5 goes now**');
  expect(text).toContain('- attempt 2 of 5: never reported, its worker was stopped or cut off; it may have reached');
  expect(text).toContain('- attempt 3 of 5 at 23:14:56Z (retry now): HTTP 503 in 12 ms');
});

it('shows reasons, hosts and codes as text: outside of code spans nothing depends on them', () => {
  const shown = (text: string): string => {
    const attempt = { ...first, outcome: 'network', status: undefined, code: text } as unknown as Attempt;
    const delivery = { host: text, endpointId: text, reason: text, attempts: [attempt] };
    return details('refused', delivery, { cancelReason: text });
  };
  const outside = (text: string): string => shown(text).replaceAll(/`[^`]*`/g, '``');
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(outside(text)).toBe(outside('x'));
      expect(shown(text).replaceAll('\n', '')).not.toMatch(DRIVES_A_SCREEN);
    }),
    { numRuns: 500 },
  );
});

it('says that the host has not taken all news once the webhook is over, and not before', () => {
  const told = (state: WebhookStatus['state'], isTelling: boolean): string =>
    liveDetails({ workflowId: 'w', event: 'call.completed', state, deliveries: [] }, 5, isTelling);
  expect(told('failed', true)).toContain("Waiting for the host's notify");
  expect(told('failed', false)).not.toContain('notify');
  expect(told('retrying', true)).not.toContain('notify');
});
