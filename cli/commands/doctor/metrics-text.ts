/** What the doctor has seen as Prometheus text. Docs/operate.md lists the names. Pure. */
import type { Unrecorded } from '../../../client/unrecorded-runs.ts';
import type { Facts, ServerSeen } from './facts.ts';
import type { Finding, Severity } from './finding.ts';
import { isServerFailing } from './judge-unread.ts';

type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };
type Metric = { readonly name: string; readonly help: string; readonly samples: readonly Sample[] };

const PREFIX = 'topcalls_webhook_';

/** The text for one scrape. A number that could not be read is left out, so that an alert on missing data fires. */
export function metricsText(facts: Facts, findings: readonly Finding[]): string {
  return metricsOf(facts, findings)
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) =>
      [
        `# HELP ${PREFIX}${name} ${help}`,
        `# TYPE ${PREFIX}${name} gauge`,
        ...samples.map((each) => line(name, each)),
      ].join('\n'),
    )
    .join('\n');
}

function metricsOf(facts: Facts, findings: readonly Finding[]): readonly Metric[] {
  const { server, database, taskQueue } = facts;
  const seen = server.is === 'there' ? server.seen : undefined;
  const unrecorded = database.is === 'there' ? database.seen.unrecorded : undefined;
  return [
    one(
      'server_up',
      '1 if Temporal answers for the namespace, else 0.',
      seen === undefined || isServerFailing(facts) ? 0 : 1,
    ),
    // Without a database there is nothing that could be up.
    one(
      'database_up',
      '1 if the delivery log answers, else 0.',
      database.is === 'unset' ? undefined : database.is === 'there' ? 1 : 0,
    ),
    ...ofQueues(seen, taskQueue),
    ...ofRuns(seen),
    one('certificate_expires_seconds', 'Time until the client certificate for Temporal ends.', certificateLeft(facts)),
    one('unrecorded', 'Closed runs of the window that the delivery log lacks.', unrecorded && lackingIn(unrecorded)),
    {
      name: 'doctor_findings',
      help: 'Findings of the doctor by severity.',
      samples: SEVERITIES.map((severity) => ({
        labels: { severity },
        value: findings.filter((finding) => finding.severity === severity).length,
      })),
    },
  ];
}

/** Negative once it has ended. Undefined without one. */
function certificateLeft({ certificateEndsAt, at }: Facts): number | undefined {
  if (certificateEndsAt === undefined) return undefined;
  return Math.round((Date.parse(certificateEndsAt) - Date.parse(at)) / 1_000);
}

const SEVERITIES: readonly Severity[] = ['trouble', 'warning'];

function ofQueues(seen: ServerSeen | undefined, taskQueue: string): Metric[] {
  const ours = (seen?.queues ?? []).filter((queue) => queue.taskQueue === taskQueue);
  const byKind = (name: string, help: string, value: (queue: (typeof ours)[number]) => number): Metric => ({
    name,
    help,
    samples: ours.map((queue) => ({ labels: { task_queue: taskQueue, kind: queue.kind }, value: value(queue) })),
  });
  return [
    byKind('pollers', 'Workers that poll the task queue and live.', ({ live }) => live),
    byKind('backlog', 'Tasks that wait for a worker.', ({ backlog }) => backlog.tasks),
    byKind('backlog_age_seconds', 'How long the oldest of them has waited.', ({ backlog }) => backlog.ageMs / 1_000),
  ];
}

function ofRuns(seen: ServerSeen | undefined): Metric[] {
  const runs = seen?.runs;
  return [
    one('runs_open', 'Open runs.', runs?.open),
    one('runs_retrying', 'Open runs with a failed attempt, by WebhookState.', runs?.retrying),
    one('runs_stuck', 'Open runs whose workflow task keeps failing.', runs?.counts.task_failing),
    one('runs_overdue', 'Open runs that are due, and that no worker has started.', runs && overdueIn(runs.counts)),
    one('runs_paused', 'Open runs with a paused activity.', runs?.counts.paused),
    {
      name: 'runs_waiting',
      help: 'Open runs that wait for our own side (us), the delivery log (log) or the host (notify).',
      samples:
        runs === undefined
          ? []
          : [
              { labels: { for: 'us' }, value: runs.counts.waiting_for_us },
              { labels: { for: 'log' }, value: runs.counts.waiting_for_log },
              { labels: { for: 'notify' }, value: runs.counts.waiting_for_notify },
            ],
    },
  ];
}

/** Undefined if nobody knows: no run is known to be unrecorded, and some could not be compared. */
function lackingIn({ runs, unread }: Unrecorded): number | undefined {
  return runs === 0 && unread > 0 ? undefined : runs;
}

/** Also what waits because no worker polls at all. */
function overdueIn({ overdue, no_worker }: { readonly overdue: number; readonly no_worker: number }): number {
  return overdue + no_worker;
}

function one(name: string, help: string, value: number | undefined): Metric {
  return { name, help, samples: value === undefined ? [] : [{ value }] };
}

function line(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${PREFIX}${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

/** As the text format asks: backslash, quote and line break. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
