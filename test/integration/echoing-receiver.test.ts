/**
 * F43 through whole runs: nothing a receiver says reaches a history, the Web UI's texts, the delivery log or a log
 * line.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { aFailedCall } from '../support/builders.ts';
import { ECHOES, RECEIVERS_WORDS, startEchoingReceiver } from '../support/echoing-receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';

const sdkLines: string[] = [];
let stage: Stage;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('DEBUG', (entry) => void sdkLines.push(said(entry))) });
  stage = await openStage({ address: devServer().address, webhooks: { retryDelaysMs: [1_000] } });
});
afterAll(() => stage.close());

test('whatever a receiver says back, no history, text, record or log line has a word of it', async () => {
  const receivers = await Promise.all(Object.values(ECHOES).map(startEchoingReceiver));
  try {
    const handles = await Promise.all(
      receivers.map(({ port }) =>
        stage.webhooks.callEnded(aFailedCall({ webhook_url: `http://127.0.0.1:${port}/hook` })),
      ),
    );
    const results = await Promise.all(handles.map(async (handle) => handle?.result()));
    expect(results.map((result) => result?.state)).toEqual([
      'delivered',
      'failed',
      'gone',
      'failed',
      // Its status line was complete, and that decides.
      'delivered',
      'failed',
      'failed',
    ]);
    const seen = [said(results), said(stage.lines), said(stage.log.records()), ...sdkLines];
    for (const handle of handles) {
      const run = stage.client.workflow.getHandle(String(handle?.workflowId));
      const history = historyToJSON(await run.fetchHistory());
      // The history holds payloads as base64.
      const payloads = [...history.matchAll(/"data":\s*"([^"]+)"/g)];
      seen.push(history, ...payloads.map(([, text = '']) => Buffer.from(text, 'base64').toString()));
      seen.push(said(await run.query('__temporal_workflow_metadata')));
    }
    expect(RECEIVERS_WORDS.filter((word) => seen.some((text) => text.includes(word)))).toEqual([]);
    // The search itself works.
    expect(
      ['http_503', 'protocol_error', '+14155551234'].filter((word) => seen.some((text) => text.includes(word))),
    ).toHaveLength(3);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.stop()));
  }
});

function said(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}
