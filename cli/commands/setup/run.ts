/** Runs `setup`: plan, show, apply. */
import { Client, type Connection } from '@temporalio/client';
import { factsOf, REQUEST_TIMEOUT_MS } from '../../../client/deadlines.ts';
import { clientErrorOf } from '../../../client/client-error-of.ts';
import { pollersOf } from '../../../client/task-queue.ts';
import { given } from '../../../contract/given.ts';
import { SEARCH_ATTRIBUTES } from '../../../contract/server-names.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { readDataConverter } from '../../environment/data-converter.ts';
import { openConnection } from '../../environment/open-connection.ts';
import type { Env } from '../../../temporal-server/env.ts';
import { applySchedules, removeSchedules, type MaintenanceSettings, type ScheduleOutcome } from './maintenance.ts';
import { maintenanceSettings, type MaintenanceOptions } from './maintenance-options.ts';
import { applySearchAttributes, planSearchAttributes, SearchAttributeClashError } from './search-attributes.ts';
import type { SearchAttributePlan } from './search-attributes.ts';
import type { Terminal } from '../../process/terminal.ts';
import { counted } from '../../process/counted.ts';
import { plainTable } from '../../process/plain-table.ts';

/** Options of `setup`. */
export type SetupOptions = MaintenanceOptions & {
  /** Default: TEMPORAL_NAMESPACE, the profile's, else `default`. */
  readonly namespace?: string;
  readonly json: boolean;
  readonly dryRun: boolean;
};

/** Compares and adds. Resolves with 0. Rejects with SearchAttributeClashError, SearchAttributeSetupError, or CliError
 *  when no server or namespace answers. */
export async function runSetup(options: SetupOptions, terminal: Terminal): Promise<ExitCode> {
  const { namespace, json, dryRun } = options;
  const settings = maintenanceSettings(options, terminal.env);
  const { connection, ...server } = await openConnection(terminal.env, namespace);
  try {
    const plan = await planSearchAttributes(connection, server.namespace);
    const added = dryRun ? [] : await applied(connection, plan, terminal, json);
    const isMeant = settings !== undefined || options.removeMaintenance;
    const routine =
      isMeant && plan.clashes.length === 0
        ? await schedules(connection, server.namespace, settings, { dryRun, env: terminal.env })
        : undefined;
    show(plan, added, { ...server, json, dryRun, ...given({ routine }) }, terminal);
    if (plan.clashes.length > 0) throw new SearchAttributeClashError(server.namespace, plan.clashes);
    terminal.say(summary(plan, server.namespace, dryRun));
    for (const { scheduleId, words } of routine?.schedules ?? []) terminal.say(`schedule ${scheduleId} ${words}`);
    if (routine?.note !== undefined) terminal.say(`${terminal.colors.yellow('note:')} ${routine.note}`);
    return EXIT.ok;
  } finally {
    await connection.close();
  }
}

/** What became of the schedules. `note`: what a person must do, so that they have an effect. */
type Routine = { readonly schedules: readonly ScheduleOutcome[]; readonly note?: string };

/** Without `settings` they are removed. */
async function schedules(
  connection: Connection,
  namespace: string,
  settings: MaintenanceSettings | undefined,
  { dryRun, env }: { readonly dryRun: boolean; readonly env: Env },
): Promise<Routine> {
  const dataConverter = await readDataConverter(env);
  const client = new Client({ connection, namespace, ...given({ dataConverter }) });
  try {
    if (settings === undefined) return { schedules: await removeSchedules(client, dryRun) };
    const outcomes = await applySchedules(client, settings, dryRun);
    return { schedules: outcomes, ...given({ note: await nobodyThere(client, settings.taskQueue) }) };
  } catch (error) {
    const facts = { what: 'the Schedules', kind: 'control', timeoutMs: REQUEST_TIMEOUT_MS } as const;
    throw clientErrorOf(error, factsOf(client, facts));
  }
}

/** A schedule without a worker is the silence that it should end. */
async function nobodyThere(client: Client, taskQueue: string): Promise<string | undefined> {
  if ((await pollersOf(client, taskQueue, 'workflow')).length > 0) return undefined;
  return (
    `no worker polls the task queue ${taskQueue} now. The Schedules need the stand-alone worker ` +
    '(topcalls-webhooks worker) with a delivery log there; without it their runs end as timed out after a day'
  );
}

async function applied(
  connection: Connection,
  plan: SearchAttributePlan,
  terminal: Terminal,
  json: boolean,
): Promise<readonly string[]> {
  if (plan.clashes.length > 0) return [];
  const names = Object.keys(plan.missing);
  if (names.length > 0 && !json) terminal.say(`adding ${names.join(', ')}; a server takes up to 20 s to show them`);
  return applySearchAttributes(connection, plan);
}

type Shown = {
  readonly address: string;
  readonly namespace: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly routine?: Routine;
};

function show(plan: SearchAttributePlan, added: readonly string[], shown: Shown, terminal: Terminal): void {
  const { address, namespace, json, dryRun, routine } = shown;
  const { present, missing, clashes } = plan;
  if (json) {
    const outcome = { address, namespace, dryRun, present, missing, added, clashes, ...routine };
    return terminal.data(JSON.stringify(outcome, undefined, 2));
  }
  const rows = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => {
    const clash = clashes.find((each) => each.name === name);
    const state = added.includes(name) ? 'added' : name in missing ? 'missing' : 'present';
    return [name, type, clash === undefined ? state : `has type ${clash.found}`];
  });
  terminal.data(plainTable(['search attribute', 'type', namespace], rows));
}

function summary({ missing }: SearchAttributePlan, namespace: string, dryRun: boolean): string {
  const count = Object.keys(missing).length;
  if (count === 0) return `nothing to do: namespace ${namespace} has all search attributes`;
  const what = `${counted(count, 'search attribute')} to namespace ${namespace}`;
  return dryRun ? `would add ${what}; nothing was changed` : `added ${what}`;
}
