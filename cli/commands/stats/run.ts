/** Runs `stats`. */
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { given } from '../../../contract/given.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { withLog } from '../db/open.ts';
import { terminatedNotInLog, type Whose } from '../report/collect.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { countRuns } from '../../../client/list-runs.ts';
import { withClient } from '../../environment/open-client.ts';
import { inWords } from '../status/reading.ts';
import { windowOf, type WindowOptions } from '../window.ts';
import { countsInWords, notCountedInWords, statsInWords, type NotCounted, type StatsKind } from './words.ts';

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
    const whose = { ...window, ...given({ accountId: account, endpointId }) };
    const asked = by === 'reason' ? await fromTemporal(options, log, whose, terminal) : undefined;
    if (json) terminal.data(JSON.stringify({ by, ...window, groups, more, ...asked }, undefined, 2));
    else if (groups.length > 0) terminal.data(statsInWords(by, groups));
    const cut = more ? `, the first ${limit} lines: --limit shows more` : '';
    terminal.say(`${countsInWords(groups)} from ${window.since} to ${window.until} (${place})${cut}`);
    if (!json) for (const line of notCountedInWords(asked, window.since)) terminal.say(line);
    return EXIT.ok;
  });
}

/** What the log cannot count: webhooks that wait after a failed attempt, and terminated ones that nobody has recorded.
 *  Never rejects: the log's numbers are told without a server, too. */
async function fromTemporal(
  { account, namespace }: StatsOptions,
  log: Pick<PostgresDeliveryLog, 'show'>,
  whose: Whose,
  terminal: Terminal,
): Promise<NotCounted> {
  const { accountId, endpointId } = whose;
  const of = given({ account, endpointId });
  try {
    const filter = { state: 'retrying' as const, ...given({ accountId, endpointId }) };
    return await withClient(terminal.env, namespace, async ({ client }) => {
      const webhooks = await inWords(client, 'counting the open runs', () => countRuns(client, filter));
      const reading = inWords(client, 'reading the terminated runs', () => terminatedNotInLog(client, log, whose));
      return { stillRunning: { ...of, webhooks }, terminatedNotInLog: await reading.catch(problemOf) };
    });
  } catch (error) {
    return { stillRunning: { ...of, ...problemOf(error) }, terminatedNotInLog: problemOf(error) };
  }
}

function problemOf(error: unknown): { readonly problem: string } {
  return { problem: error instanceof Error ? error.message : String(error) };
}
