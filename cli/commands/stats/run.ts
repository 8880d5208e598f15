/** Runs `stats`. */
import { given } from '../../../contract/given.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { withLog } from '../db/open.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { windowOf, type WindowOptions } from '../window.ts';
import { countsInWords, statsInWords, type StatsKind } from './words.ts';

/** Options of `stats`. */
export type StatsOptions = WindowOptions & {
  readonly by: StatsKind;
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
    else if (groups.length > 0) terminal.data(statsInWords(by, groups));
    const cut = more ? `, the first ${limit} lines: --limit shows more` : '';
    terminal.say(`${countsInWords(groups)} from ${window.since} to ${window.until} (${place})${cut}`);
    return EXIT.ok;
  });
}
