/** What time the server has. No request answers it, so the server's own note of a poll is read: the doctor polls an
 *  empty task queue for a moment. Nothing is started. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { pollersOf } from './task-queue.ts';

/** How long the poll may stand, ms. A server refuses polls that stand for less than 2 s. */
const POLL_MS = 5_000;
const NOTED_WITHIN_MS = 2_000;

/** By how much the server's clock is ahead of this machine's, ms; negative if it is behind. Exact to about the time of
 *  a request. Undefined if the server does not show it. Rejects with what the SDK throws if it does not answer. */
export async function serverClockAheadMs(client: Client): Promise<number | undefined> {
  const { namespace, identity } = client.options;
  const taskQueue = `topcalls-doctor-clock-${randomUUID()}`;
  const ending = new AbortController();
  const sentMs = Date.now();
  const poll = client.withAbortSignal(ending.signal, () =>
    client.withDeadline(sentMs + POLL_MS, () =>
      client.workflowService.pollWorkflowTaskQueue({ namespace, identity, taskQueue: { name: taskQueue } }),
    ),
  );
  // It is aborted, or ends by its deadline.
  const ended = poll.then(
    () => undefined,
    () => undefined,
  );
  try {
    for (const deadlineMs = sentMs + NOTED_WITHIN_MS; Date.now() < deadlineMs;) {
      const [poller] = await pollersOf(client, taskQueue, 'workflow');
      if (poller !== undefined) return poller.lastPollMs - sentMs;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return undefined;
  } finally {
    ending.abort();
    await ended;
  }
}
