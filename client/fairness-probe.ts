/**
 * Finds out whether the server gives tasks out fairly. No request tells it, and a server that ignores fairness keys
 * takes them without a word. So it is tried: one run of no worker's, on a task queue of its own, has forty tasks of a
 * busy account and then eight of a quiet one. The order in which the server hands them out tells. Then the run goes.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';

/** `unclear`: the order says nothing for sure, as with several partitions, or the server did not hand them all out. */
export type Fairness = 'on' | 'off' | 'unclear';

/** So many that each of a queue's four default partitions has some of both. */
const BUSY = 40;
const QUIET = 8;
/** Tasks that are taken. In them a fair server gives out all of the quiet account's, another one hardly any. */
const TAKEN = 24;
const LIMIT_MS = 8_000;
/** The server puts tasks into the queue a moment after the run has scheduled them, ms. */
const QUEUED_AFTER_MS = 250;
/** COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK */
const SCHEDULE_ACTIVITY = 1;
/** The run ends by itself if this process dies, ms. */
const RUN_MS = 60_000;

/** Starts a run, and takes it away again. Rejects with what the SDK throws, for example without the right to start. */
export async function tryFairness(client: Client): Promise<Fairness> {
  const name = `topcalls-doctor-fairness-${randomUUID()}`;
  const { namespace, identity } = client.options;
  const { workflowService } = client;
  const execution = { workflowId: name };
  return client.withDeadline(Date.now() + LIMIT_MS, async () => {
    await workflowService.startWorkflowExecution({
      namespace,
      identity,
      workflowId: name,
      requestId: randomUUID(),
      workflowType: { name: 'topcallsDoctorProbe' },
      taskQueue: { name },
      workflowRunTimeout: msToTs(RUN_MS),
    });
    try {
      await schedule(client, name, 'busy', BUSY);
      await schedule(client, name, 'quiet', QUIET);
      return fairnessIn(await handedOut(client, name));
    } finally {
      await workflowService.terminateWorkflowExecution({
        namespace,
        identity,
        workflowExecution: execution,
        reason: 'the doctor has seen enough',
      });
      // Without the right to delete, retention removes it.
      await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: execution }).catch(() => undefined);
    }
  });
}

/** What an order says: the keys of the tasks as they were handed out. Pure. */
export function fairnessIn(keys: readonly string[]): Fairness {
  if (keys.length < TAKEN) return 'unclear';
  const quiet = keys.slice(0, TAKEN).filter((key) => key === 'quiet').length;
  if (quiet >= QUIET * 0.75) return 'on';
  return quiet <= QUIET * 0.25 ? 'off' : 'unclear';
}

/** Takes the run's workflow task, and answers it with so many activities of one key. */
async function schedule(client: Client, name: string, key: string, count: number): Promise<void> {
  const { namespace, identity } = client.options;
  const { workflowService } = client;
  const taskQueue = { name };
  const task = await workflowService.pollWorkflowTaskQueue({ namespace, identity, taskQueue });
  const commands = Array.from({ length: count }, (_, index) => ({
    commandType: SCHEDULE_ACTIVITY,
    scheduleActivityTaskCommandAttributes: {
      activityId: `${key}/${index}`,
      activityType: { name: 'topcallsDoctorProbe' },
      taskQueue,
      scheduleToCloseTimeout: msToTs(RUN_MS),
      startToCloseTimeout: msToTs(RUN_MS),
      priority: { priorityKey: 3, fairnessKey: key },
    },
  }));
  await workflowService.respondWorkflowTaskCompleted({
    namespace,
    identity,
    taskToken: task.taskToken,
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
    commands,
    forceCreateNewWorkflowTask: key === 'busy',
  });
  await new Promise((resolve) => setTimeout(resolve, QUEUED_AFTER_MS));
}

async function handedOut(client: Client, name: string): Promise<string[]> {
  const { namespace, identity } = client.options;
  const keys: string[] = [];
  while (keys.length < TAKEN) {
    const request = { namespace, identity, taskQueue: { name } };
    const task = await client.workflowService.pollActivityTaskQueue(request);
    if (task.activityId === '') break;
    keys.push(task.activityId.split('/')[0] ?? '');
  }
  return keys;
}
