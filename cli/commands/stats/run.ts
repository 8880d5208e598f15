/** Runs `stats`. */
import type { DeliveryGroup } from '../../../adapters/index.ts';
import { given } from '../../../contract/given.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { withLog } from '../db/open.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { factLines } from '../../process/fact-lines.ts';
import { plainTable } from '../../process/plain-table.ts';
import type { Terminal } from '../../process/terminal.ts';
import { shareInWords, spanOf, windowOf, type WindowOptions } from '../window.ts';

/** Options of `stats`. */
export type StatsOptions = WindowOptions & {
  readonly by: 'account' | 'endpoint' | 'hour';
  readonly endpoint?: string;
};

const DEFAULT_LIMIT = 100;

/** Prints one line per group. Rejects with CliError. */
export async function runStats(options: StatsOptions, terminal: Terminal): Promise<ExitCode> {
  const { by, account, endpoint, limit = DEFAULT_LIMIT, json } = options;
  const window = windowOf(options, Date.now());
  const endpointId = endpoint === undefined ? undefined : endpointIdFrom(endpoint);
  return withLog(options, terminal.env, async ({ log, place }) => {
    terminal.live(`counting deliveries by ${by} (${place})`);
    const { groups, more } = await log
      .stats({ by, ...window, limit, ...given({ accountId: account, endpointId }) })
      .finally(() => terminal.live(''));
    if (json) terminal.data(JSON.stringify({ by, ...window, groups, more }, undefined, 2));
    else if (groups.length > 0) terminal.data(by === 'hour' ? tableOf(groups) : groups.map(inLines(by)).join('\n'));
    const deliveries = groups.reduce((sum, each) => sum + each.deliveries, 0);
    const cut = more ? `, the first ${limit} lines: --limit shows more` : '';
    terminal.say(`${deliveries} deliveries from ${window.since} to ${window.until} (${place})${cut}`);
    return EXIT.ok;
  });
}

/** Cancelled and terminated deliveries have no column: a terminal has no room. */
const HEAD = ['hour', 'delivered', 'failed', 'share', 'attempts', 'p50', 'p99'];

function tableOf(groups: readonly DeliveryGroup[]): string {
  const rows = groups.map((group) => {
    const { delivered, failed, share, attempts, p50, p99 } = inNumbers(group);
    return [group.key?.replace(':00:00.000Z', 'Z'), delivered, failed, share, attempts, p50, p99];
  });
  return plainTable(HEAD, rows);
}

/** Ids may be long, so they have no column. */
function inLines(by: StatsOptions['by']) {
  return (group: DeliveryGroup): string => {
    const { delivered, failed, other, share, attempts, p50, p99 } = inNumbers(group);
    const host = by === 'endpoint' && group.lastEnd !== undefined ? `  ${group.lastEnd.host}` : '';
    return factLines([
      `${group.key ?? `(no ${by})`}${host}`,
      `${delivered} delivered, ${failed} failed, ${other} other`,
      share ?? '',
      `${attempts} attempts`,
      p50 === '' ? '' : `late p50 ${p50}, p99 ${p99}`,
    ]);
  };
}

/** `failed` is what a receiver or our rules refused: failed, gone and refused. `other`: cancelled and terminated. */
function inNumbers({ deliveries, states, attempts, lateness }: DeliveryGroup) {
  const { delivered = 0, failed = 0, gone = 0, refused = 0, cancelled = 0, terminated = 0 } = states;
  return {
    delivered,
    failed: failed + gone + refused,
    other: cancelled + terminated,
    share: shareInWords(delivered, deliveries),
    attempts,
    p50: lateness === undefined ? '' : spanOf(lateness.p50Ms),
    p99: lateness === undefined ? '' : spanOf(lateness.p99Ms),
  };
}
