/** How `find` of the fake sees a run: in the states that Temporal's list can tell apart. Pure. */
import type { FoundRun } from '../client/find-webhooks.ts';
import { statusOf } from '../client/run-status.ts';
import { subjectOf } from '../client/closed-run-records.ts';
import type { CheckedFindFilter, FindableState } from '../contract/schemas/find-filter.ts';
import { given } from '../contract/given.ts';
import type { FakeRun } from './fake-run.ts';

export function foundRun(run: FakeRun): FoundRun {
  const { workflowId, runId, input, startedAtMs, endedAtMs } = run;
  const endedAt = endedAtMs === undefined ? undefined : new Date(endedAtMs);
  const shown = { workflowId, runId, event: input.event, startedAt: new Date(startedAtMs), ...given({ endedAt }) };
  return { ...shown, state: stateOf(run) };
}

/** Whether a run matches every given field. */
export function isAsked(run: FakeRun, filter: CheckedFindFilter): boolean {
  const { endpointId, campaignId, accountId, event, since, until, startedSince, startedUntil } = filter;
  const { input, startedAtMs, endedAtMs } = run;
  const subject = subjectOf(input);
  const ended = (input.redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint);
  return (
    isInState(run, filter) &&
    (endpointId === undefined || [...input.endpoints, ...ended].some((each) => each.endpointId === endpointId)) &&
    (campaignId === undefined || subject.campaignId === campaignId) &&
    (accountId === undefined || subject.accountId === accountId) &&
    (event === undefined || input.event === event) &&
    isBetween(filter.state === undefined ? startedAtMs : (endedAtMs ?? startedAtMs), since, until) &&
    isBetween(startedAtMs, startedSince, startedUntil)
  );
}

function isInState(run: FakeRun, { state }: CheckedFindFilter): boolean {
  if (state === undefined) return true;
  const is = stateOf(run);
  const asked: ReadonlySet<FindableState> = new Set([state].flat());
  if (asked.has(is)) return true;
  return (asked.has('running') && run.isOpen) || (asked.has('retrying') && is === 'waiting_for_us');
}

function stateOf({ facts, isOpen }: FakeRun): FindableState {
  const state = statusOf(facts)?.state;
  if (isOpen) return state === 'retrying' || state === 'waiting_for_us' ? state : 'running';
  if (facts.status === 'COMPLETED') return 'delivered';
  if (facts.status === 'CANCELLED') return 'cancelled';
  if (facts.status === 'TERMINATED') return 'terminated';
  return state === 'gone' || state === 'refused' ? state : 'failed';
}

function isBetween(atMs: number, since: string | undefined, until: string | undefined): boolean {
  return (since === undefined || atMs >= Date.parse(since)) && (until === undefined || atMs < Date.parse(until));
}
