/** Judges the delivery log: does it answer, has it our schema, does it lack closed runs. Pure. */
import { oneLine } from '../../../contract/shown-text.ts';
import { counted } from '../../process/counted.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { affected, examplesOf } from './judge-runs.ts';

/** Whether a finding about the log explains the runs that wait for it: it is down, or it lacks our tables. */
export function explainsWaiting({ database, server }: Facts): boolean {
  if (database.is !== 'there') return database.is === 'broken';
  const waiting = server.is === 'there' ? examplesOf(server.seen.runs, 'waiting_for_log') : [];
  return database.seen.pending.length > 0 && waiting.every(({ problem }) => problem.includes('(postgres_schema)'));
}

/** What is wrong with it. Runs that wait for a database that is down belong to that finding. */
export function ofDatabase(facts: Facts): Finding[] {
  const { database, server, since, at } = facts;
  if (database.is === 'unset') return [];
  const runs = server.is === 'there' ? server.seen.runs : undefined;
  if (database.is === 'broken') {
    const { words } = database.problem;
    return [
      {
        code: 'database',
        severity: 'trouble',
        problem: `${words}; webhooks go out, and their runs stay open until the log takes the records`,
        fix: 'start the database or correct TOPCALLS_DATABASE_URL; topcalls-webhooks db status tells when it is well',
        ...affected(runs, 'waiting_for_log'),
      },
    ];
  }
  const { place, pending, unrecorded } = database.seen;
  const findings: Finding[] = [];
  if (pending.length > 0) {
    findings.push({
      code: 'schema',
      severity: 'trouble',
      problem: `${place}: ${counted(pending.length, 'migration is', 'migrations are')} pending (${pending.join(', ')})`,
      fix: 'topcalls-webhooks db migrate',
      ...(explainsWaiting(facts) ? affected(runs, 'waiting_for_log') : {}),
    });
  }
  if (unrecorded !== undefined && unrecorded.runs > 0) {
    const least = unrecorded.unread > 0 ? 'at least ' : '';
    findings.push({
      code: 'unrecorded',
      severity: 'trouble',
      problem: `the delivery log lacks ${least}${counted(unrecorded.runs, 'run')} that closed since ${since}`,
      fix: `topcalls-webhooks reconcile --since ${sinceToType({ at, since })}`,
      runs: unrecorded.runs,
      examples: unrecorded.examples.map(oneLine),
    });
  }
  return findings;
}

const DAY_MS = 86_400_000;

/** What `reconcile --since` takes to cover the window: 2 days, as everywhere, or more whole days. */
export function sinceToType({ at, since }: Pick<Facts, 'at' | 'since'>): string {
  const days = Math.ceil((Date.parse(at) - Date.parse(since)) / DAY_MS) + 1;
  return `${Math.max(2, days)}d`;
}
