/** A run whose delivery was answered by an activity that is not ours: another worker of its task queue has one with our
 *  name. Its task fails, and its status must be readable to tell that. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { statusOf } from '../../../client/run-status.ts';
import { readRunFacts, type JsonEvent } from '../../support/replayed-status.ts';

const path = join(__dirname, '../../replay/histories/delivered-at-once.json');
const { events } = JSON.parse(readFileSync(path, 'utf8')) as { events: JsonEvent[] };

/** The history up to the delivery's result, with `result` in its place; undefined: no result at all. */
function answeredWith(result: unknown): JsonEvent[] {
  const at = events.findLastIndex(({ eventType }) => eventType.endsWith('ACTIVITY_TASK_COMPLETED'));
  const payload = {
    metadata: { encoding: Buffer.from('json/plain').toString('base64') },
    data: Buffer.from(JSON.stringify(result) ?? '').toString('base64'),
  };
  const attributes = events[at]?.['activityTaskCompletedEventAttributes'] ?? {};
  const { result: _ours, ...rest } = attributes as Record<string, unknown>;
  const completed = result === undefined ? rest : { ...rest, result: { payloads: [payload] } };
  return [
    ...events.slice(0, at),
    { ...(events[at] as JsonEvent), activityTaskCompletedEventAttributes: completed },
  ] as JsonEvent[];
}

const stateOf = async (cut: JsonEvent[]) =>
  statusOf(await readRunFacts({ name: 'call-webhook/c1', events: cut }, 'RUNNING'))?.deliveries.map(
    ({ state }) => state,
  );

test('the result of ours is the end of the delivery', async () => {
  const at = events.findLastIndex(({ eventType }) => eventType.endsWith('ACTIVITY_TASK_COMPLETED'));
  expect(await stateOf(events.slice(0, at + 1))).toEqual(['delivered']);
});

test.each([[undefined], [null], ['mine'], [7], [{}], [{ ok: true }], [[]], [{ endpointId: 'ep_1', attempt: {} }]])(
  'the result %j is none: the delivery is not over, and the status can be read',
  async (result) => {
    expect(await stateOf(answeredWith(result))).toEqual(['delivering']);
  },
);
