/** A choice by state: the limit counts what is meant, also where each webhook must be read to know it. */
import { expect, test } from '@jest/globals';
import type { WebhookHandle } from '../../../../client/webhook-handle.ts';
import { TemporalUnavailableError, UnreadableRunError } from '../../../../client/errors.ts';
import { findTargets, type Wanted } from '../../../../cli/commands/control/find-targets.ts';
import type { LiveState } from '../../../../contract/delivery-state.ts';
import { recordingTerminal } from '../../../support/in-process-cli.ts';

type Fake = { readonly reason?: string; readonly state?: LiveState; readonly error?: Error };

/** Finds among these, and counts how many of them were read. */
async function find(fakes: readonly Fake[], wanted: Partial<Wanted>, signal = new AbortController().signal) {
  let reads = 0;
  const handles = fakes.map(({ reason, state = 'failed', error }, index) => ({
    workflowId: String(index),
    status: async () => {
      reads += 1;
      if (error !== undefined) throw error;
      return { state: 'failed', deliveries: [{ endpointId: 'ep_a', state, reason, attempts: [] }] };
    },
  }));
  const webhooks = {
    find: async function* () {
      for (const handle of handles) yield { handle: handle as unknown as WebhookHandle };
    } as never,
  };
  const { terminal } = recordingTerminal();
  const watch = { terminal, signal, interrupted: new Promise<void>(() => undefined) };
  const { handles: found, ...rest } = await findTargets(
    webhooks,
    { filter: {}, limit: Infinity, request: { verb: 'redeliver' }, narrowing: { states: ['failed'] }, ...wanted },
    watch,
  );
  return { found: found.map(({ workflowId }) => workflowId), ...rest, reads };
}

const withReason = { narrowing: { states: ['failed' as const], reason: 'http_401' } };
const evening = [...Array(20).keys()].map((at): Fake => ({ reason: at < 5 ? 'http_500' : 'http_401' }));

test('the limit counts webhooks with the reason, although others stand before them', async () => {
  const { found, unfit, isCut, reads } = await find(evening, { ...withReason, limit: 5 });
  expect([found, unfit, isCut]).toEqual([['5', '6', '7', '8', '9'], 5, true]);
  expect(reads).toBe(10);
});

test('it looks to the end if fewer have the reason than the limit allows', async () => {
  const { found, unfit, isCut } = await find(evening.slice(0, 8), { ...withReason, limit: 5 });
  expect([found, unfit, isCut]).toEqual([['5', '6', '7'], 5, false]);
});

test('the limit counts the state at one endpoint, too', async () => {
  const request = { verb: 'redeliver', endpointId: 'ep_a' } as const;
  const { found, unfit } = await find([{ state: 'cancelled' }, {}, {}], { request, limit: 1 });
  expect([found, unfit]).toEqual([['1'], 1]);
});

test('without a reason or an endpoint nothing is read before it is touched', async () => {
  const { found, unfit, isCut, reads } = await find(evening, { limit: 5 });
  expect([found.length, unfit, isCut, reads]).toEqual([5, 0, true, 0]);
});

test('a webhook that cannot be read stays, so that it gets its line, and does not use up the limit', async () => {
  const unreadable = { error: new UnreadableRunError('call-webhook/a') };
  const { found, unfit } = await find([unreadable, ...evening], { ...withReason, limit: 1 });
  expect([found, unfit]).toEqual([['0', '6'], 5]);
});

test('a server that no longer answers ends the search', async () => {
  const error = new TemporalUnavailableError({ what: 'reading', kind: 'read', namespace: 'x', timeoutMs: 1 } as never);
  const { found, reads } = await find(
    [...Array(9).keys()].map(() => ({ error })),
    withReason,
  );
  expect([found, reads]).toEqual([['0', '1', '2'], 3]);
});
