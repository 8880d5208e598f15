/** A worker that ends by force before its attempts can end says so at every start. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { MemoryArtifactSource } from '../../../adapters/memory.ts';
import { StaticSecrets } from '../../../adapters/static-secrets.ts';
import { createWebhookWorker, type WebhookWorkerOptions } from '../../../worker/index.ts';

const created = jest.spyOn(Worker, 'create').mockResolvedValue({} as Worker);
afterEach(() => void created.mockClear());

/** The names and facts of the warnings, but for that of the missing log. */
async function warningsWith(temporal: NonNullable<WebhookWorkerOptions['temporal']>) {
  const warnings: [string, object][] = [];
  const warn = (facts: object, message: string): void => void warnings.push([message, facts]);
  const logger = { info: () => undefined, warn, error: () => undefined };
  await createWebhookWorker({
    connection: Object.create(NativeConnection.prototype) as NativeConnection,
    artifacts: new MemoryArtifactSource(),
    secrets: new StaticSecrets({}),
    log: 'none',
    logger,
    checkOpenRuns: false,
    temporal,
  });
  expect(created).toHaveBeenCalledTimes(1);
  return warnings.filter(([message]) => message !== 'webhook.no_log');
}

test.each([['1s'], [24_999], ['0.4 minutes']])(
  'a force time of %p cuts attempts off, and is told with the fix',
  async (time) => {
    expect(await warningsWith({ shutdownForceTime: time as never })).toEqual([
      [
        'worker.force_cuts_attempts',
        { shutdownForceMs: expect.any(Number), fix: expect.stringContaining('give it 25 s or more') },
      ],
    ]);
  },
);

test.each([[{}], [{ shutdownForceTime: '25s' as const }], [{ shutdownForceTime: 60_000 }], [{ shutdownGraceTime: 0 }]])(
  '%j lets them end, and nothing is told',
  async (temporal) => {
    expect(await warningsWith(temporal)).toEqual([]);
  },
);
