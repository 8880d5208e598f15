/** Judges the open runs: which stand still, and why. Pure. */
import { fixIn } from '../../../client/what-helps.ts';
import type { StandingRun, StandStill, Survey } from '../../../client/survey-runs.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import type { ServerSeen } from './facts.ts';
import type { Finding, FindingCode, Severity } from './finding.ts';
import { counted } from '../../process/counted.ts';

/** What is wrong with them. `isQueueTold`: a worker is missing or slow, and has its own finding. `isLogTold`: the log
 *  has a finding that explains why runs wait for it. */
export function ofRuns(
  { runs }: ServerSeen,
  { isQueueTold, isLogTold }: { readonly isQueueTold: boolean; readonly isLogTold: boolean },
): Finding[] {
  if (runs === undefined) return [];
  const findings: Finding[] = [];
  const add = (code: FindingCode, why: StandStill, severity: Severity, problem: string, fix: string): void => {
    const count = runs.counts[why];
    if (count === 0) return;
    const [example] = runs.examples[why];
    const such = example === undefined ? '' : ` (${example.problem})`;
    const least = isExact(runs, why) ? '' : 'at least ';
    const words = `${least}${counted(count, 'run')}: ${problem}${such}`;
    findings.push({ code, severity, problem: words, fix, ...affected(runs, why) });
  };
  add(
    'runs_stuck',
    'task_failing',
    'trouble',
    'the workflow task fails or times out again and again, so nothing goes on',
    'topcalls-webhooks status <id> shows the failure and what helps: mostly a fixed worker, the right keys, a restart',
  );
  const unpause = 'topcalls-webhooks status <id> has the command that unpauses it';
  add('runs_paused', 'paused', 'warning', 'an activity is paused, so nothing goes on', unpause);
  // Some may wait for another reason than the others.
  const fixesOf = (why: StandStill, otherwise: string): string => {
    const fixes = new Set(runs.examples[why].map(({ problem }) => fixIn(problem) ?? otherwise));
    return fixes.size === 0 ? otherwise : [...fixes].join('; ');
  };
  const forUs = fixesOf('waiting_for_us', 'fix the store of secrets or what else is named');
  add(
    'waiting_for_us',
    'waiting_for_us',
    'trouble',
    'our own side cannot send; no attempt is spent',
    `${forUs}; then topcalls-webhooks retry-now --waiting-for-us --all`,
  );
  add(
    'waiting_for_notify',
    'waiting_for_notify',
    'trouble',
    'what takes deliveryEvents does not take an event; no delivery waits for that',
    `${fixesOf('waiting_for_notify', 'fix what takes it (TOPCALLS_NOTIFY_URL)')}; the runs close by themselves`,
  );
  // What the log does to the runs, its own finding says.
  if (!isLogTold) {
    add(
      'waiting_for_log',
      'waiting_for_log',
      'trouble',
      'over, and still open because the delivery log does not take the record',
      'topcalls-webhooks db status, then db migrate; once the log answers, the runs close within a minute',
    );
  }
  if (!isQueueTold) {
    add(
      'runs_overdue',
      'overdue',
      'trouble',
      'due for more than a minute, and no worker has started it',
      'start one more worker: all slots are taken',
    );
  }
  return findings;
}

/** Some of the runs that stand still for this reason. */
export function examplesOf(runs: Survey | undefined, why: StandStill): readonly StandingRun[] {
  return runs?.examples[why] ?? [];
}

/** How many runs a finding is about, and some ids. Without a count they may be more. */
export function affected(
  runs: Survey | undefined,
  why: StandStill,
  some: readonly StandingRun[] = examplesOf(runs, why),
): Pick<Finding, 'runs' | 'examples'> {
  if (some.length === 0) return {};
  const examples = some.map(({ workflowId }) => oneLine(workflowId));
  if (runs === undefined || !isExact(runs, why)) return { examples };
  return { runs: Math.max(runs.counts[why], some.length), examples };
}

/** Of many open runs only some are described. What the server marks itself, it also counts. */
function isExact({ isWhole }: Survey, why: StandStill): boolean {
  return isWhole || why === 'task_failing' || why === 'paused' || why === 'waiting_for_us';
}
