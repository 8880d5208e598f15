/** Runs `setup`: plan, show, apply. */
import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../../contract/server-names.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { openConnection } from '../../environment/open-connection.ts';
import { applySearchAttributes, planSearchAttributes, SearchAttributeClashError } from './search-attributes.ts';
import type { SearchAttributePlan } from './search-attributes.ts';
import type { Terminal } from '../../process/terminal.ts';
import { plainTable } from '../../process/plain-table.ts';

/** Options of `setup`. */
export type SetupOptions = {
  /** Default: TEMPORAL_NAMESPACE, the profile's, else `default`. */
  readonly namespace?: string;
  readonly json: boolean;
  readonly dryRun: boolean;
};

/** Compares and adds. Resolves with 0. Rejects with SearchAttributeClashError, SearchAttributeSetupError, or CliError
 *  when no server or namespace answers. */
export async function runSetup({ namespace, json, dryRun }: SetupOptions, terminal: Terminal): Promise<ExitCode> {
  const { connection, ...server } = await openConnection(terminal.env, namespace);
  try {
    const plan = await planSearchAttributes(connection, server.namespace);
    const added = dryRun ? [] : await applied(connection, plan, terminal, json);
    show(plan, added, { ...server, json, dryRun }, terminal);
    if (plan.clashes.length > 0) throw new SearchAttributeClashError(server.namespace, plan.clashes);
    terminal.say(summary(plan, server.namespace, dryRun));
    return EXIT.ok;
  } finally {
    await connection.close();
  }
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
};

function show(plan: SearchAttributePlan, added: readonly string[], shown: Shown, terminal: Terminal): void {
  const { address, namespace, json, dryRun } = shown;
  const { present, missing, clashes } = plan;
  if (json) {
    const outcome = { address, namespace, dryRun, present, missing, added, clashes };
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
  return dryRun
    ? `would add ${count} search attributes to namespace ${namespace}; nothing was changed`
    : `added ${count} search attributes to namespace ${namespace}`;
}
