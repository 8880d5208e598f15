/**
 * Facts of a history in the order in which the workflow heard them. A workflow task brings all events since the last
 * one, and of those the SDK gives it the signals first. So a cancel that came after an attempt's end, but before the
 * same task, was heard before it. Pure.
 */
import type { AskedFact, RunFact } from './run-facts.ts';

/** A fact, and the number of its event. */
export type NumberedFact = { readonly eventId: number; readonly fact: RunFact };

/** A workflow task that was completed, by the numbers of its events. */
export type CompletedTask = { readonly startedId: number; readonly completedId: number };

/** `facts` and `tasks` in the order of history. */
export function inHeardOrder(facts: readonly NumberedFact[], tasks: readonly CompletedTask[]): RunFact[] {
  const turnOf = ({ eventId, fact }: NumberedFact): number => {
    // What a task did stands right after it in history. What comes in is heard by the first task that starts after it.
    const isDone = DONE_BY_THE_WORKFLOW.has(fact.kind);
    return isDone
      ? countWhile(tasks, ({ completedId }) => completedId < eventId) - 0.5
      : countWhile(tasks, ({ startedId }) => startedId <= eventId);
  };
  return facts
    .map((each) => ({ ...each, turn: turnOf(each), rank: SIGNALS.has(each.fact.kind) ? 0 : 1 }))
    .toSorted((one, other) => one.turn - other.turn || one.rank - other.rank || one.eventId - other.eventId)
    .map(({ fact }) => fact);
}

/** What people have asked for, and no completed workflow task has brought: no worker has taken it up yet. */
export function unheardIn(facts: readonly NumberedFact[], tasks: readonly CompletedTask[]): AskedFact[] {
  const lastStartedId = tasks.at(-1)?.startedId ?? 0;
  return facts.flatMap(({ eventId, fact }) =>
    eventId > lastStartedId && (fact.kind === 'retry_now_asked' || fact.kind === 'cancel_asked') ? [fact] : [],
  );
}

const DONE_BY_THE_WORKFLOW: ReadonlySet<RunFact['kind']> = new Set(['fetching', 'delivering', 'recording', 'closed']);

/** By the order of the SDK. The server's own cancel is no signal, and is heard in its place. */
const SIGNALS: ReadonlySet<RunFact['kind']> = new Set(['attempt_failed', 'retry_now_asked', 'cancel_asked']);

/** How many of `tasks`, from the first on, are `before`. It halves, because a run may have 10,000 signals and as many
 *  tasks. */
function countWhile(tasks: readonly CompletedTask[], before: (task: CompletedTask) => boolean): number {
  let [least, most] = [0, tasks.length];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    const task = tasks[middle];
    if (task !== undefined && before(task)) least = middle + 1;
    else most = middle;
  }
  return least;
}
