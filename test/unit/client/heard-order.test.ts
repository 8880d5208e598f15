/** What a workflow hears in one task, it hears signals first: the client reads it so, too. */
import { expect, test } from '@jest/globals';
import { inHeardOrder, unheardIn, type NumberedFact } from '../../../client/heard-order.ts';
import type { RunFact } from '../../../client/run-facts.ts';

const fact = (eventId: number, kind: RunFact['kind']): NumberedFact => ({
  eventId,
  fact: { kind, atMs: 0 } as RunFact,
});
const TASKS = [
  { startedId: 3, completedId: 4 },
  { startedId: 12, completedId: 13 },
];

test('a signal that came after a result, before the task that brought both, is heard first', () => {
  const heard = inHeardOrder([fact(8, 'stopped'), fact(9, 'cancel_asked')], TASKS);
  expect(heard.map(({ kind }) => kind)).toEqual(['cancel_asked', 'stopped']);
});

test('what comes in while a task runs is heard by the next one, after what this task did', () => {
  const facts = [
    fact(2, 'attempt_failed'),
    fact(5, 'delivering'),
    fact(6, 'attempt_failed'),
    fact(7, 'retry_now_asked'),
  ];
  expect(inHeardOrder(facts, TASKS)).toEqual(facts.map((each) => each.fact));
  const late = [fact(12.5, 'stopped'), fact(14, 'recording'), fact(15, 'cancel_asked')];
  expect(inHeardOrder(late, TASKS).map(({ kind }) => kind)).toEqual(['recording', 'cancel_asked', 'stopped']);
});

test('what no task has brought yet comes last, and everything else keeps its order', () => {
  const facts = [
    fact(5, 'fetching'),
    fact(8, 'fetched'),
    fact(9, 'timer_fired'),
    fact(14, 'delivering'),
    fact(20, 'delivered'),
  ];
  expect(inHeardOrder(facts, TASKS)).toEqual(facts.map((each) => each.fact));
});

test('what people asked for is not heard before a task that starts after it has completed', () => {
  const asked = [fact(7, 'retry_now_asked'), fact(12.5, 'cancel_asked'), fact(15, 'retry_now_asked')];
  const others = [fact(14, 'attempt_failed'), fact(16, 'timer_fired')];
  expect(unheardIn([...asked, ...others], TASKS)).toEqual(asked.slice(1).map((each) => each.fact));
  expect(unheardIn(asked, [])).toEqual(asked.map((each) => each.fact));
});
