/** Plays monitoring: the rules in promtool, a healthy hour, each fault, then every query of the dashboard. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runToEnd } from '../../support/processes.ts';
import { randomOf, type Random } from '../../support/random.ts';
import { playInFolder, type SystemRun } from '../../support/system-run.ts';
import { autoscalerTests } from './autoscaler-cases.ts';
import { dashboardQueries } from './dashboard.ts';
import { FAULTS, type Fault } from './faults.ts';
import { openInstallation, type Installation } from './installation.ts';
import { ruleTests, untested } from './rule-cases.ts';
import { ALERTS_FILE, readAlerts, type Alert } from './rules.ts';

export type MonitoringOptions = {
  readonly seed: number;
  /** How many times shorter every time is. */
  readonly factor: number;
  /** Minutes of healthy calls, before they are made shorter. */
  readonly healthy: number;
  /** How many faults are played, and the first of them in the seed's order. */
  readonly faults: number;
  readonly first: number;
  /** Only promtool. */
  readonly rules: boolean;
  readonly keep: boolean;
};

/** One thing that had to hold. `seconds`: how long it took, in the alerts' own time. */
export type Outcome = { readonly what: string; readonly ok: boolean; readonly seen: string; readonly seconds?: number };

const POLL_MS = 250;
/** How long a healed fault may show, before times are made shorter: windows of 20 minutes, and what waited. */
const CALM_MS = 3_000_000;

export function runMonitoring(
  options: MonitoringOptions,
  say: (line: string) => void,
): Promise<readonly Outcome[] | undefined> {
  const tidy = (folder: string): void => {
    if (options.keep) say(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  return playInFolder({ name: 'monitoring', say, tidy }, (run) => play(run, options));
}

async function play(run: SystemRun, options: MonitoringOptions): Promise<readonly Outcome[]> {
  const alerts = readAlerts();
  const rules = await testRules(run, alerts);
  if (options.rules) return [rules];
  // The order is drawn before the calls draw, whose number depends on the machine.
  const random = randomOf(options.seed);
  const faults = shuffled(FAULTS, random)
    .slice(options.first - 1)
    .slice(0, options.faults);
  const parts = await openInstallation(run, { factor: options.factor, random });
  const startedMs = Date.now();
  const outcomes = [rules, await playHealthy(run, parts, options)];
  for (const fault of faults) {
    if (run.signal.aborted) break;
    outcomes.push(await playFault(run, parts, { fault, alerts, factor: options.factor }));
    run.say(inWords(outcomes.at(-1)));
  }
  // A query for what went wrong has data only where everything went wrong once.
  if (faults.length === FAULTS.length) outcomes.push(...(await askDashboard(parts, startedMs, options)));
  const { started, refused } = parts.engine.counts;
  run.say(`${started} calls were started; ${refused} starts failed, while the server was away`);
  return outcomes;
}

/** `promtool test rules`. */
async function testRules(run: SystemRun, alerts: readonly Alert[]): Promise<Outcome> {
  run.say('promtool test rules');
  const what = 'promtool: each fault fires its own alert and no other, a healthy hour fires none';
  const missing = untested(alerts);
  if (missing.length > 0) return { what, ok: false, seen: `no case for ${missing.join(', ')}` };
  const file = join(run.folder, 'rule-tests.json');
  writeFileSync(file, ruleTests(alerts));
  const env = { PATH: process.env['PATH'] };
  try {
    await runToEnd('promtool check', ['promtool', 'check', 'rules', ALERTS_FILE], env);
    await runToEnd('promtool test', ['promtool', 'test', 'rules', file], env, 600_000);
    const ofAutoscaler = join(run.folder, 'autoscaler-tests.json');
    writeFileSync(ofAutoscaler, autoscalerTests());
    await runToEnd('promtool test of the autoscaler', ['promtool', 'test', 'rules', ofAutoscaler], env);
    return { what, ok: true, seen: `${alerts.length} alerts` };
  } catch (error) {
    return { what, ok: false, seen: (error as Error).message };
  }
}

async function playHealthy(
  run: SystemRun,
  { prometheus }: Installation,
  { healthy, factor }: MonitoringOptions,
): Promise<Outcome> {
  run.say(`${healthy} healthy minutes, in ${Math.round((healthy * 60) / factor)} s`);
  const fired = new Set<string>();
  for (const untilMs = Date.now() + (healthy * 60_000) / factor; Date.now() < untilMs; await delay(POLL_MS)) {
    for (const name of await prometheus.alerts('firing')) fired.add(name);
  }
  const what = `${healthy} minutes of healthy calls fire nothing`;
  return { what, ok: fired.size === 0, seen: [...fired].join(', ') || 'nothing fired', seconds: healthy * 60 };
}

async function playFault(
  run: SystemRun,
  parts: Installation,
  { fault, alerts, factor }: { readonly fault: Fault; readonly alerts: readonly Alert[]; readonly factor: number },
): Promise<Outcome> {
  const { prometheus } = parts;
  const name = `TopcallsWebhook${fault.alert}`;
  const promisedMs = alerts.find((alert) => alert.name === name)?.firesWithinMs ?? 0;
  const what = `${fault.name}: ${fault.alert} within ${promisedMs / 60_000} min, and no other`;
  const calm = await untilCalm(prometheus, CALM_MS / factor, fault.isExplainedByOthers);
  if (calm !== undefined) return { what, ok: false, seen: `before it: ${calm}` };
  run.say(fault.name);
  await fault.begin(parts);
  // From here on it is broken. Other workers take some seconds to start.
  const begunMs = Date.now();
  const fired = new Set<string>();
  let firedMs: number | undefined;
  // A fault that has been told stays a little, so that a second alert would come.
  const stayMs = 60_000 / factor;
  const untilMs = begunMs + promisedMs / factor + (fault.fixedMs ?? 0);
  while (Date.now() < (firedMs === undefined ? untilMs : firedMs + stayMs)) {
    const firing = await prometheus.alerts('firing');
    for (const each of firing) fired.add(each);
    if (firing.includes(name)) firedMs ??= Date.now();
    await delay(POLL_MS);
  }
  const late = firedMs === undefined ? await prometheus.alerts('pending') : [];
  await fault.heal(parts);
  // What comes only afterwards counts, too: until all is calm for a minute.
  let calmTurns = 0;
  for (const endMs = Date.now() + CALM_MS / factor; Date.now() < endMs; await delay(POLL_MS)) {
    const [firing, pending] = await Promise.all([prometheus.alerts('firing'), prometheus.alerts('pending')]);
    for (const each of firing) fired.add(each);
    // One evaluation may find nothing, between two.
    calmTurns = firing.length + pending.length === 0 ? calmTurns + 1 : 0;
    if (calmTurns * POLL_MS * factor > 60_000) break;
  }
  const others = [...fired].filter((each) => each !== name);
  const seen = [
    firedMs === undefined ? `not in time (pending: ${late.join(', ') || 'none'})` : 'fired',
    others.length > 0 ? `also ${others.join(', ')}` : '',
  ].filter((part) => part !== '');
  const seconds = firedMs === undefined ? {} : { seconds: Math.round(((firedMs - begunMs) * factor) / 1_000) };
  return { what, ok: firedMs !== undefined && others.length === 0, seen: seen.join('; '), ...seconds };
}

/** Waits until no alert is firing or pending and, if that matters, no earlier fault explains the next one. Resolves
 *  with what is left after `withinMs`. */
async function untilCalm(
  prometheus: Installation['prometheus'],
  withinMs: number,
  isExplainedByOthers = false,
): Promise<string | undefined> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const active = await prometheus.alerts('firing', 'pending');
    const explained = await prometheus.ask(
      'topcalls_webhook:wait_is_explained:20m or topcalls_webhook:server_was_away:10m',
    );
    if (active.length === 0 && !(isExplainedByOthers && explained.length > 0)) return undefined;
    if (Date.now() > untilMs)
      return [...active, ...(explained.length > 0 ? ['a wait that is explained'] : [])].join(', ');
    await delay(POLL_MS);
  }
}

async function askDashboard(
  { prometheus }: Installation,
  startedMs: number,
  { factor }: MonitoringOptions,
): Promise<readonly Outcome[]> {
  const interval = `${Math.round(60_000 / factor)}ms`;
  const empty: string[] = [];
  const queries = dashboardQueries(interval);
  for (const { panel, query } of queries) {
    const samples = await prometheus.countOver(query, startedMs, Date.now());
    if (samples === 0) empty.push(`${panel}: ${query}`);
  }
  const what = 'every query of the dashboard returns data';
  return [{ what, ok: empty.length === 0, seen: empty.join('; ') || `${queries.length} queries` }];
}

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  return list
    .map((each) => ({ each, at: random.next() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ each }) => each);
}

function inWords(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '';
  const { ok, what, seen, seconds } = outcome;
  return `${ok ? 'holds' : 'FAILS'}: ${what} (${seen}${seconds === undefined ? '' : ` after ${seconds} s of its time`})`;
}
