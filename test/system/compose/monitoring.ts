/** The profile `monitoring`: Prometheus reaches every worker and the doctor, and has read the alerts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { waitFor } from '../../support/wait-for.ts';
import type { Check } from '../topology/checks.ts';
import type { Project } from './project.ts';

const ADAPTER = join(__dirname, '../../../deploy/kubernetes/prometheus-adapter.yaml');
/** A scrape of the doctor every 30 s, and some time for its first look. */
const SEEN_MS = 120_000;

type Targets = {
  readonly activeTargets: readonly { readonly health: string; readonly labels: { readonly job: string } }[];
};
type Rules = { readonly groups: readonly { readonly rules: readonly { readonly health: string }[] }[] };
type Answer = { readonly result: readonly { readonly value: readonly [number, string] }[] };

/** Starts it and resolves with the checks. */
export async function checkMonitoring({ compose, containers, inspect }: Project): Promise<readonly Check[]> {
  await compose(['up', '--detach', '--no-build', '--no-recreate', 'webhooks-doctor', 'prometheus', 'grafana']);
  const [prometheus = ''] = await containers('prometheus');
  const ip = await inspect(prometheus, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${ip}:9090/api/v1/${path}`, { signal: AbortSignal.timeout(5_000) });
    return ((await response.json()) as { readonly data: T }).data;
  };
  const upJobs = async (): Promise<readonly string[]> => {
    const { activeTargets } = await ask<Targets>('targets').catch(() => ({ activeTargets: [] }));
    return activeTargets.flatMap(({ health, labels: { job } }) => (health === 'up' ? [job] : []));
  };
  const jobs = await waitFor(
    'Prometheus to reach three workers and the doctor',
    async () => {
      const up = await upJobs();
      return up.length === 4 ? up : undefined;
    },
    SEEN_MS,
  );
  const { groups } = await ask<Rules>('rules');
  const rules = groups.flatMap((group) => group.rules);
  const value = async (query: string): Promise<string> =>
    (await ask<Answer>(`query?query=${encodeURIComponent(query)}`)).result[0]?.value[1] ?? 'nothing';
  const pollers = await value('topcalls_webhook_pollers{kind="activity"}');
  const query = adapterQuery();
  const scheduleToStart = await value(query);
  // The query says 0 where there is no such series, which is also what a wrong label looks like.
  const series = await value(`count(${/rate\((.*?)\[/.exec(query)?.[1] ?? 'no_query'})`);
  const [grafana = ''] = await containers('grafana');
  const isRunning = await inspect(grafana, '{{.State.Running}}');
  return [
    {
      what: 'monitoring: Prometheus reaches three workers and the doctor',
      ok: jobs.filter((job) => job === 'topcalls-webhooks-worker').length === 3,
      seen: jobs.toSorted().join(', '),
    },
    {
      what: 'monitoring: Prometheus has the alerts, and can compute each',
      ok: rules.length > 15 && rules.every(({ health }) => health !== 'err'),
      seen: `${rules.length} rules`,
    },
    { what: 'monitoring: the doctor sees the workers', ok: pollers === '3', seen: `${pollers} pollers` },
    {
      what: "monitoring: the autoscaler's number is there",
      ok: Number(scheduleToStart) >= 0 && Number(series) > 0,
      seen: `p95 of schedule to start: ${scheduleToStart} ms, of ${series} series`,
    },
    {
      what: 'monitoring: grafana has what is mounted into it',
      ok: isRunning === 'true',
      seen: `running: ${isRunning}`,
    },
  ];
}

function adapterQuery(): string {
  const { rules } = parse(readFileSync(ADAPTER, 'utf8')) as {
    readonly rules: { readonly external: readonly { readonly metricsQuery: string }[] };
  };
  return rules.external[0]?.metricsQuery ?? '';
}
