/**
 * What a run's close status says about several endpoints, for every pair of endings and some triples. Any failed,
 * gone or refused → Failed; otherwise any cancelled → Canceled; otherwise Completed. Real runs, all side by side.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ServerResponse } from 'node:http';
import type { WebhookHandle } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { cancelHeard } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

type Ending = 'delivered' | 'failed' | 'gone' | 'refused' | 'cancelled';
type Row = readonly [endings: readonly Ending[], closes: string, state: Ending, says?: string];

const FAILED = '127.0.0.1 did not take it in 2 attempts (last: HTTP 503)';
const GONE = '127.0.0.1 answered 410 Gone: the receiver removed this URL';
const REFUSED = '10.0.0.1 refused by our own rules (address)';

const rows: readonly Row[] = [
  [['delivered', 'delivered'], 'COMPLETED', 'delivered'],
  [['delivered', 'failed'], 'FAILED', 'failed', `${FAILED} (1 of 2 endpoints)`],
  [['delivered', 'gone'], 'FAILED', 'gone', `${GONE} (1 of 2 endpoints)`],
  [['delivered', 'refused'], 'FAILED', 'refused', `${REFUSED} (1 of 2 endpoints)`],
  [['delivered', 'cancelled'], 'CANCELLED', 'cancelled'],
  [['failed', 'failed'], 'FAILED', 'failed', `${FAILED}; ${FAILED}`],
  [['failed', 'gone'], 'FAILED', 'failed', `${FAILED}; ${GONE}`],
  [['failed', 'refused'], 'FAILED', 'failed', `${FAILED}; ${REFUSED}`],
  [['failed', 'cancelled'], 'FAILED', 'failed', `${FAILED} (1 of 2 endpoints)`],
  [['gone', 'gone'], 'FAILED', 'gone', `${GONE}; ${GONE}`],
  [['gone', 'refused'], 'FAILED', 'refused', `${GONE}; ${REFUSED}`],
  [['gone', 'cancelled'], 'FAILED', 'gone', `${GONE} (1 of 2 endpoints)`],
  [['refused', 'refused'], 'FAILED', 'refused', `${REFUSED}; ${REFUSED}`],
  [['refused', 'cancelled'], 'FAILED', 'refused', `${REFUSED} (1 of 2 endpoints)`],
  [['cancelled', 'cancelled'], 'CANCELLED', 'cancelled'],
  [['delivered', 'delivered', 'delivered'], 'COMPLETED', 'delivered'],
  [['cancelled', 'delivered', 'delivered'], 'CANCELLED', 'cancelled'],
  [['cancelled', 'cancelled', 'delivered'], 'CANCELLED', 'cancelled'],
  [['delivered', 'gone', 'cancelled'], 'FAILED', 'gone', `${GONE} (1 of 3 endpoints)`],
  [['cancelled', 'failed', 'delivered'], 'FAILED', 'failed', `${FAILED} (1 of 3 endpoints)`],
  [['refused', 'delivered', 'cancelled'], 'FAILED', 'refused', `${REFUSED} (1 of 3 endpoints)`],
  [['gone', 'failed', 'refused'], 'FAILED', 'failed', `${GONE}; ${FAILED}; ${REFUSED}`],
];

/** Attempts of each ending: number, outcome, status. */
const ATTEMPTS = {
  delivered: [[1, 'delivered', 200]],
  failed: [
    [1, 'http', 503],
    [2, 'http', 503],
  ],
  gone: [[1, 'http', 410]],
  refused: [[1, 'refused', undefined]],
  cancelled: [[1, 'http', 500]],
} as const satisfies Record<Ending, unknown>;

let stage: Stage;
let receiver: Receiver;
let runs: readonly Promise<WebhookHandle>[];
const held = new Map<string, ServerResponse>();

beforeAll(async () => {
  stage = await openStage({ address: devServer().address, webhooks: { retryDelaysMs: [1_000] } });
  receiver = await startReceiver((response, { path }) => {
    const ending = path.split('/').at(-1);
    if (ending === 'cancelled') held.set(path, response);
    else response.writeHead(ending === 'delivered' ? 200 : ending === 'gone' ? 410 : 503).end();
  });
  runs = inTurns(
    4,
    rows.map(
      ([endings], row) =>
        () =>
          play(endings, row),
    ),
  );
  // A run that fails here makes its own test fail below.
  for (const run of runs) run.catch(() => {});
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

test.each(rows.map((row, index) => [row[0].join(' + '), row[1], row, index] as const))(
  '%s closes as %s',
  async (_title, _closes, [endings, closes, state, says], index) => {
    const handle = await runs[index];
    if (handle === undefined) throw new Error('no such run');
    const run = stage.client.workflow.getHandle(handle.workflowId);
    const closed: unknown = await run.result().catch((error: unknown) => error);
    const described = await run.describe();
    expect(described.status.name).toBe(closes);

    // result() gives the outcomes, whatever the close status. Afterwards status() gives the same.
    const result = await handle.result();
    expect(result.state).toBe(state);
    expect(result.deliveries.map((delivery) => delivery.state)).toEqual(endings);
    expect(
      result.deliveries.map(({ attempts }) => attempts.map(({ number, outcome, status }) => [number, outcome, status])),
    ).toEqual(endings.map((ending) => ATTEMPTS[ending]));
    expect(await handle.status()).toEqual(result);

    if (says === undefined) expect(closed instanceof WorkflowFailedError).toBe(closes === 'CANCELLED');
    else {
      const cause = closed instanceof WorkflowFailedError ? closed.cause : undefined;
      expect(cause).toBeInstanceOf(ApplicationFailure);
      expect(cause).toMatchObject({ type: 'DeliveryFailed', nonRetryable: true, message: `call.failed: ${says}` });
      // A run does not know who asked for a cancel: only its history has that.
      const { cancelledBy: _asked, ...told } = result;
      expect((cause as ApplicationFailure).details).toEqual([told]);
      expect(cause?.cause).toBeUndefined();
    }

    // One record per endpoint, with the same content as result().
    const records = stage.log.records().filter(({ workflowId }) => workflowId === handle.workflowId);
    expect(records).toHaveLength(endings.length);
    for (const delivery of result.deliveries) {
      const record = records.find(({ endpointId }) => endpointId === delivery.endpointId);
      expect(record).toMatchObject({ ...delivery, cycle: 1 });
    }
    // A delivery that succeeds at once costs no upsert.
    expect(described.searchAttributes['WebhookState']).toEqual([state === 'delivered' ? 'started' : state]);
  },
);

/** Begins each work, `lanes` of them side by side. A POST may be held for 15 s, and a busy machine needs some of them
 *  for each run. */
function inTurns<T>(lanes: number, works: readonly (() => Promise<T>)[]): readonly Promise<T>[] {
  const begun: Promise<T>[] = [];
  for (const [index, work] of works.entries()) {
    const before = begun[index - lanes]?.catch(() => undefined);
    begun.push(before === undefined ? work() : before.then(work));
  }
  return begun;
}

/**
 * Starts a run. Cancels the deliveries that are to end so while their POSTs are in flight, and answers those with
 * 500.
 */
async function play(endings: readonly Ending[], row: number): Promise<WebhookHandle> {
  const origin = new URL(receiver.url).origin;
  const paths = endings.map((ending, index) => `/${row}/${index}/${ending}`);
  const [own, ...others] = paths.map((path, index) => ({
    webhook_url: `${endings[index] === 'refused' ? 'http://10.0.0.1' : origin}${path}`,
    secret_ref: 'main',
  }));
  const handle = await stage.webhooks.callEnded(aFailedCall({ ...own, endpoints: others }));
  if (handle === undefined) throw new Error('nobody subscribed');
  const toCancel = endings.flatMap((ending, index) => (ending === 'cancelled' ? [index] : []));
  if (toCancel.length === 0) return handle;
  const { deliveries } = await handle.status();
  const responses = await waitFor('the POSTs in flight', () => {
    const found = toCancel.flatMap((index) => held.get(String(paths[index])) ?? []);
    return found.length === toCancel.length ? found : undefined;
  });
  for (const index of toCancel) await handle.cancel({ endpointId: String(deliveries[index]?.endpointId) });
  await waitFor('the cancels to be heard', () => cancelHeard(stage.client, handle.workflowId, toCancel.length));
  for (const response of responses) response.writeHead(500).end();
  return handle;
}
