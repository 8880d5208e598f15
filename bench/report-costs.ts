/** What a report by the activity `reportCall` costs beside the run that it starts. Called by bench/costs.ts. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { billableActions } from '../test/support/billable-actions.ts';
import { aFailedCall } from '../test/support/builders.ts';
import type { Stage } from '../test/support/stage.ts';

type Row = readonly [what: string, actions: number, events: number | string, transitions: number | string];

/** Counts with a call that nobody subscribes to, so that no run of ours is counted. */
export async function reportCosts(stage: Stage, address: string, metricsPort: number): Promise<readonly Row[]> {
  const { client, taskQueue } = stage;
  const connection = await NativeConnection.connect({ address });
  const queue = 'bench-engine';
  const engine = await Worker.create({ connection, taskQueue: queue, workflowsPath: join(__dirname, 'end-call.ts') });
  const running = engine.run();
  const call = (): object => aFailedCall({ webhook_events: [] });

  const counted = async (
    what: string,
    play: () => Promise<readonly [number | string, number | string]>,
  ): Promise<Row> => {
    const before = await billableActions(metricsPort);
    const [events, transitions] = await play();
    return [what, (await billableActions(metricsPort)) - before, events, transitions];
  };
  const workflow = async (type: string, args: readonly unknown[]): Promise<readonly [number, number]> => {
    const workflowId = randomUUID();
    await client.workflow.execute(type, { workflowId, taskQueue: queue, args: [...args] });
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const { historyLength, stateTransitionCount } = raw.workflowExecutionInfo ?? {};
    return [Number(historyLength), Number(stateTransitionCount)];
  };
  const alone = async (): Promise<readonly [string, string]> => {
    const id = randomUUID();
    await client.activity.execute('reportCall', { id, taskQueue, args: [call()], startToCloseTimeout: '10 seconds' });
    return ['–', '–'];
  };
  try {
    return [
      await counted('a workflow of the engine that does nothing', () => workflow('doNothing', [])),
      await counted('the same with a report', () => workflow('endCall', [call(), taskQueue])),
      await counted('a report without a workflow (`temporal activity execute`)', alone),
    ];
  } finally {
    engine.shutdown();
    await running;
    await connection.close();
  }
}
