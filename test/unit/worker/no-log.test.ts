/** A worker that records nothing says so at every start, whether that was chosen in words or forgotten. */
import { afterAll, beforeEach, expect, jest, test } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { MemoryArtifactSource, MemoryDeliveryLog } from '../../../adapters/memory.ts';
import { StaticSecrets } from '../../../adapters/static-secrets.ts';
import type { ActivityPorts } from '../../../activities/index.ts';
import { createWebhookWorker, webhookWorkerParts } from '../../../worker/index.ts';
import { runActivity } from '../../support/run-activity.ts';
import { sampleRecord } from '../../../adapters/conformance/sample-records.ts';

const ports = { artifacts: new MemoryArtifactSource(), secrets: new StaticSecrets({}) };

type Line = readonly [level: string, message: string, fields: object];

function noting() {
  const lines: Line[] = [];
  const note = (level: string) => (fields: object, message: string) => void lines.push([level, message, fields]);
  return { lines, logger: { info: note('info'), warn: note('warn'), error: note('error') } };
}

/** Ends a start before the SDK takes over: what is said by then needs no server and no bundle. */
const STOP = new Error('enough');
const temporal = Object.defineProperty({}, 'workflowBundle', {
  get: () => {
    throw STOP;
  },
});

/** The warnings of a worker with this log. */
async function warningsOf(log?: ActivityPorts['log']): Promise<Line[]> {
  const { lines, logger } = noting();
  const chosen = log === undefined ? {} : { log };
  const options = {
    ...ports,
    ...chosen,
    logger,
    connection: Object.create(NativeConnection.prototype),
    checkOpenRuns: false,
    temporal,
  };
  await expect(createWebhookWorker(options)).rejects.toBe(STOP);
  return lines.filter(([level]) => level === 'warn');
}

test('without a log a worker warns at each start, and says how to choose', async () => {
  const warning = ['warn', 'webhook.no_log', { fix: expect.stringMatching(/^pass a log, .* or say log: 'none'/) }];
  expect(await warningsOf()).toEqual([warning]);
  expect(await warningsOf()).toEqual([warning]);
});

test("log: 'none' is a choice, and a warning at each start all the same", async () => {
  const warning = ['warn', 'webhook.no_log', { fix: expect.stringMatching(/^final states are kept in Temporal only/) }];
  expect(await warningsOf('none')).toEqual([warning]);
  expect(await warningsOf('none')).toEqual([warning]);
});

test('a worker with a log says nothing of it', async () => {
  expect(await warningsOf(new MemoryDeliveryLog())).toEqual([]);
});

test("a host with a worker of its own is warned of log: 'none', too", () => {
  const { lines, logger } = noting();
  webhookWorkerParts({ ...ports, log: 'none', logger });
  expect(lines.map(([, message]) => message)).toEqual(['webhook.no_log', 'webhook.egress']);
});

test('a host with a worker of its own is warned as well if it gives no log, and told how to choose', () => {
  const { lines, logger } = noting();
  webhookWorkerParts({ ...ports, logger });
  const fix = expect.stringMatching(/^pass a log, .* or say log: 'none'/);
  expect(lines[0]).toEqual(['warn', 'webhook.no_log', { fix }]);
});

test.each(['None', 'postgres://db/log', {}, 7])('%j is no log, and no other word is', (log) => {
  expect(() => webhookWorkerParts({ ...ports, log: log as never })).toThrow(
    "option log must be an object with a method record(), or 'none'",
  );
});

test("with log: 'none' a final state is taken as recorded, so that the run can close", async () => {
  const { failure, lines } = await runActivity((activities) => activities.recordDelivery(sampleRecord()), {
    ports: { log: 'none' },
  });
  expect(failure).toBeUndefined();
  expect(lines).toMatchObject([{ level: 'info', message: 'webhook.ended' }]);
});

const emitted = jest.spyOn(process, 'emitWarning');
beforeEach(() => {
  emitted.mockReset().mockImplementation(() => undefined);
});
afterAll(() => emitted.mockRestore());

test('without a logger of the host’s, the warning goes to the process', () => {
  webhookWorkerParts({ ...ports, log: 'none' });
  expect(emitted.mock.calls).toMatchObject([[expect.stringContaining('webhook.no_log: '), { code: 'webhook.no_log' }]]);
});
