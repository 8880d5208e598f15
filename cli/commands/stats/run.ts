/** Runs `stats`. */
import { given } from '../../../contract/given.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { withLog } from '../db/open.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { countRuns } from '../../../client/list-runs.ts';
import { withClient } from '../../environment/open-client.ts';
import { inWords } from '../status/reading.ts';
import { windowOf, type WindowOptions } from '../window.ts';
import { countsInWords, statsInWords, stillRunningInWords, type StatsKind, type StillRunning } from './words.ts';

/** Options of `stats`. */
export type StatsOptions = WindowOptions & {
  readonly by: StatsKind;
  readonly endpoint?: string;
  readonly namespace?: string;
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
    const running = by === 'reason' ? await stillRunning(options, endpointId, terminal) : undefined;
    const stillRun = given({ stillRunning: running });
    if (json) terminal.data(JSON.stringify({ by, ...window, groups, more, ...stillRun }, undefined, 2));
    else if (groups.length > 0) terminal.data(statsInWords(by, groups));
    const cut = more ? `, the first ${limit} lines: --limit shows more` : '';
    terminal.say(`${countsInWords(groups)} from ${window.since} to ${window.until} (${place})${cut}`);
    if (running !== undefined && !json) terminal.say(stillRunningInWords(running));
    return EXIT.ok;
  });
}

/** Webhooks that wait after a failed attempt. Never rejects: the log's numbers are told without a server, too. */
async function stillRunning(
  { account, namespace }: StatsOptions,
  endpointId: string | undefined,
  terminal: Terminal,
): Promise<StillRunning> {
  const whose = given({ account, endpointId });
  try {
    const filter = { state: 'retrying' as const, ...given({ accountId: account, endpointId }) };
    return await withClient(terminal.env, namespace, async ({ client }) => ({
      ...whose,
      webhooks: await inWords(client, 'counting the open runs', () => countRuns(client, filter)),
    }));
  } catch (error) {
    return { ...whose, problem: error instanceof Error ? error.message : String(error) };
  }
}
