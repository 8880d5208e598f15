/** A client of Temporal that answers what a test says, and notes the deadline of each request. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@temporalio/client';

/** A request, and the deadline that it had; undefined if it could wait for ever. */
export type NotedRequest = { readonly name: string; readonly deadline: number | undefined };

/** Answers by the name of the request; an Error is thrown. `schedule` has the handle's methods under their names. */
export function notingDeadlines(answers: Readonly<Record<string, unknown>>): {
  readonly client: Client;
  readonly requests: readonly NotedRequest[];
} {
  const deadlines = new AsyncLocalStorage<number>();
  const requests: NotedRequest[] = [];
  const answering = (name: string) => async (): Promise<unknown> => {
    requests.push({ name, deadline: deadlines.getStore() });
    const answer = answers[name];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const all = Object.fromEntries(Object.keys(answers).map((name) => [name, answering(name)]));
  const client = {
    options: { namespace: 'default' },
    withDeadline: <T>(deadline: number, work: () => Promise<T>): Promise<T> => deadlines.run(deadline, work),
    workflowService: all,
    operatorService: all,
    schedule: { ...all, getHandle: (scheduleId: string) => ({ scheduleId, ...all }) },
  };
  return { client: client as unknown as Client, requests };
}
