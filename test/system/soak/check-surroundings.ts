/** What is around the deliveries: workers that stay up, addresses that must not be touched, answers that make sense.
 *  Pure. */
import type { Tell } from './counts.ts';
import type { Facts } from './soak-facts.ts';

/** I7, I9: workers stayed up, no forbidden address was touched, and the client's answers make sense. */
export function checkSurroundings({ ops, receiver, faults }: Facts, tell: Tell): void {
  for (const line of receiver) if (line.type === 'touched') tell('touched')(line.what);
  for (const line of faults) {
    if (line.type === 'died') tell('died')(`${line.worker} ended by itself with ${line.exitCode}`);
    else if (line.type === 'fault' && line.fault === 'term-worker' && line.wasReady === true && line.exitCode !== 0) {
      tell('died')(`${line.victim} ended with ${line.exitCode} ${line.tookMs} ms after SIGTERM`);
    }
  }
  const acceptedAt = new Map<string, number>();
  for (const { op, outcome, workflowId, doneAt } of ops) {
    if (op !== 'start' || outcome !== 'ok') continue;
    acceptedAt.set(workflowId, Math.min(doneAt, acceptedAt.get(workflowId) ?? doneAt));
  }
  for (const { op, workflowId, at, error } of ops) {
    if (error === undefined || EXPECTED_ERRORS.has(error)) continue;
    const isMissing = error === 'not_found' || error === 'history_gone';
    if (isMissing && at < (acceptedAt.get(workflowId) ?? Number.POSITIVE_INFINITY)) continue;
    tell('surprising')(`${op} of ${workflowId}: ${error}`);
  }
}

/** The last two are the SDK's own, of requests that do not go through our client. */
const EXPECTED_ERRORS: ReadonlySet<string> = new Set([
  'temporal_unavailable',
  'slow_run',
  'still_running',
  'already_delivered',
  'ServiceError',
  'WorkflowNotFoundError',
]);
