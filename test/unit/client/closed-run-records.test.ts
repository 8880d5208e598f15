/** The records that `reconcile` makes agree with those that a run writes itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { recordsOf } from '../../../client/closed-run-records.ts';
import { liveDeliveries } from '../../../client/live-deliveries.ts';
import { readRunFacts, type JsonEvent } from '../../support/replayed-status.ts';

type Json = { readonly events: readonly (JsonEvent & Readonly<Record<string, any>>)[] };

/** A run of the recorded histories, as the server had it in this state. */
async function runOf(name: string, status: string) {
  const path = join(__dirname, '../../replay/histories', `${name}.json`);
  const { events } = JSON.parse(readFileSync(path, 'utf8')) as Json;
  const facts = await readRunFacts({ name: `call-webhook/fixture-${name}`, events }, status);
  const began = events[0]?.['workflowExecutionStartedEventAttributes'].originalExecutionRunId as string;
  return { ...facts, runId: began };
}

const startedAt = new Date('2026-01-31T10:00:00.000Z');
const FOUND = { workflowId: '', runId: '', state: 'terminated' as const, startedAt, endedAt: startedAt };

test.each([
  ['settling', '2026-01-31T10:01:00.000Z'],
  ['waiting-in-the-ladder', startedAt.toISOString()],
])('a run that is %s was promised for its start and its settle delay; after a reset for no time', async (name, at) => {
  const run = await runOf(name, 'TERMINATED');
  expect(recordsOf(run, FOUND)).toMatchObject([{ state: 'terminated', promisedAt: at }]);
  expect(liveDeliveries(run, startedAt.toISOString())).toMatchObject([{ promisedAt: at }]);
  const reset = { ...run, runId: 'run-that-a-reset-made' };
  for (const [record] of [recordsOf(reset, FOUND) ?? [], liveDeliveries(reset, startedAt.toISOString()) ?? []]) {
    expect(record).toMatchObject({ runId: 'run-that-a-reset-made' });
    expect(record).not.toHaveProperty('promisedAt');
  }
});
