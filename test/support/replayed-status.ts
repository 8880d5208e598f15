/**
 * Both readers of one history: the workflow, which is replayed and asked by its query, and the client, which folds
 * the events. A history may be cut off at any moment at which the server could have stopped.
 */
import { defaultDataConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker, type InjectedSinks, type WorkflowBundle } from '@temporalio/worker';
import type { HistoryEvent } from '../../client/fetch-history.ts';
import { statusOf } from '../../client/run-status.ts';
import { readFacts } from '../../client/history-facts.ts';
import type { RunFacts } from '../../client/run-facts.ts';
import type { WebhookStatus } from '../../contract/delivery-state.ts';
import { protobuf } from './protobuf.ts';
import type { StatusSinks } from './tell-status.ts';

/** An event in the JSON of `temporal workflow show`. */
export type JsonEvent = {
  readonly eventId: string;
  readonly eventType: string;
  readonly eventTime: string;
  readonly [attributes: string]: unknown;
};

/** The first events of a history, as they stood at one moment. */
export type CutHistory = { readonly name: string; readonly events: readonly JsonEvent[] };

/**
 * Every beginning of a history at which a query can be answered. Events that one workflow task wrote stay together.
 * While a task runs a local activity, a query waits for its end.
 */
export function cutsOf(name: string, events: readonly JsonEvent[]): CutHistory[] {
  return events.flatMap((event, index) => {
    const next = events[index + 1];
    if (next !== undefined && (isCommandEvent(next) || beginsLocalActivity(events.slice(index + 1)))) return [];
    return [{ name: `${name} up to event ${event.eventId}`, events: events.slice(0, index + 1) }];
  });
}

/** Whether the next workflow task to end had run a local activity. */
function beginsLocalActivity(following: readonly JsonEvent[]): boolean {
  const end = following.findIndex(({ eventType }) => eventType.endsWith('WORKFLOW_TASK_COMPLETED'));
  return following[end + 1]?.eventType.endsWith('MARKER_RECORDED') === true;
}

/** Written together with the workflow task that asked for it. */
function isCommandEvent(event: JsonEvent): boolean {
  return Object.values(event).some(
    (value) => typeof value === 'object' && value !== null && 'workflowTaskCompletedEventId' in value,
  );
}

/**
 * The answers of the query `status` at the end of each history. `workflowBundle` contains tell-status.ts as an
 * interceptor.
 */
export async function askedStatuses(
  workflowBundle: WorkflowBundle,
  histories: readonly CutHistory[],
): Promise<ReadonlyMap<string, WebhookStatus>> {
  const answers = new Map<string, WebhookStatus>();
  const sinks: InjectedSinks<StatusSinks> = {
    told: { status: { fn: ({ workflowId }, answer) => void answers.set(workflowId, answer), callDuringReplay: true } },
  };
  const replays = histories.map(({ name, events }) => ({
    workflowId: name,
    history: historyFromJSON({ events: withTask(events) }),
  }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle, sinks }, replays)) {
    if (error !== undefined) throw new Error(`${workflowId} does not replay`, { cause: error });
  }
  return answers;
}

/** What the client reads from the same events, of a run in the server's state `status`. */
export async function readStatus(cut: CutHistory, status: string): Promise<WebhookStatus | undefined> {
  return statusOf(await readRunFacts(cut, status));
}

/** The facts of that run. */
export async function readRunFacts({ name, events }: CutHistory, status: string): Promise<RunFacts> {
  const read = await readFacts(fromTheWire(events), name, defaultDataConverter);
  return { workflowId: name, runId: 'run', status, taskQueue: 'queue', pending: [], ...read };
}

/** As the server sends them: numbers in protobuf's own types, which JSON has lost. */
function fromTheWire(events: readonly JsonEvent[]): readonly HistoryEvent[] {
  const { History } = protobuf.history.v1;
  const history = History.decode(History.encode(historyFromJSON({ events })).finish()) as { events: HistoryEvent[] };
  return history.events;
}

/**
 * A query reaches a workflow once all earlier events are processed. If no workflow task is open, one more does that.
 */
function withTask(events: readonly JsonEvent[]): readonly JsonEvent[] {
  const last = events.at(-1);
  if (last === undefined || /(WORKFLOW_TASK_STARTED|EXECUTION_(COMPLETED|FAILED|CANCELED))$/.test(last.eventType)) {
    return events;
  }
  const eventTime =
    events
      .map((event) => event.eventTime)
      .toSorted()
      .at(-1) ?? '';
  const isScheduled = last.eventType.endsWith('WORKFLOW_TASK_SCHEDULED');
  const scheduledEventId = String(Number(last.eventId) + (isScheduled ? 0 : 1));
  const scheduled: JsonEvent = {
    eventId: scheduledEventId,
    eventTime,
    eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
    workflowTaskScheduledEventAttributes: {},
  };
  const started: JsonEvent = {
    eventId: String(Number(scheduledEventId) + 1),
    eventTime,
    eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED',
    workflowTaskStartedEventAttributes: { scheduledEventId },
  };
  return [...events, ...(isScheduled ? [] : [scheduled]), started];
}
