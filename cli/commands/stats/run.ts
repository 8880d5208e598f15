/** Runs `stats`. */
import type { Client } from '@temporalio/client';
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { shellWord } from '../../../client/shell-word.ts';
import { given } from '../../../contract/given.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { reachNote } from '../log-reach.ts';
import { withLogOr } from '../db/open.ts';
import { terminatedNotInLog, type Whose } from '../report/collect.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { countRuns } from '../../../client/list-runs.ts';
import { withClient } from '../../environment/open-client.ts';
import { inWords } from '../status/reading.ts';
import { windowOf, type WindowOptions } from '../window.ts';
import { runningReasons } from './still-running.ts';
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
  const instead = withoutLog({ ...options, since: window.since, ...given({ endpoint: endpointId }) });
  return withLogOr(instead, options, terminal.env, async ({ log, place }) => {
    terminal.live(`counting deliveries by ${by} (${place})`);
    const { groups, more } = await log
      .stats({ by, ...window, limit, ...given({ accountId: account, endpointId }) })
      .finally(() => terminal.live(''));
    const whose = { ...window, ...given({ accountId: account, endpointId }) };
    // Per reason Temporal has a part of the lines. Else they need not wait for it.
    if (!json && by !== 'reason' && groups.length > 0) terminal.data(statsInWords(by, groups));
    const asked = await fromTemporal(options, log, whose, terminal).finally(() => terminal.live(''));
    if (json) terminal.data(JSON.stringify({ by, ...window, groups, more, ...asked }, undefined, 2));
    else if (by === 'reason') {
      const words = statsInWords(by, groups, asked.stillRunning?.reasons);
      if (words !== '') terminal.data(words);
    }
    const cut = more ? `; only of the lines above, and there are more: --limit (${limit})` : '';
    terminal.say(`${countsInWords(groups)} from ${window.since} to ${window.until} (${place})${cut}`);
    if (!json) for (const line of notCountedInWords(asked, window.since)) terminal.say(line);
    const note = groups.length === 0 ? await reachNote(log, options.since) : undefined;
    if (note !== undefined) terminal.say(note);
    return EXIT.ok;
  });
}

/** The command that asks Temporal what is undelivered, of the same customers and time. */
function withoutLog({ since, until, account, endpoint, namespace }: Omit<StatsOptions, 'by' | 'json'>): string {
  const narrowed = Object.entries({ since, until, account, endpoint, namespace }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellWord(value)}`],
  );
  return `topcalls-webhooks redeliver --failed --gone --refused ${narrowed.join(' ')} --dry-run`;
}

/** What the log cannot count: webhooks that wait after a failed attempt, and terminated ones that nobody has recorded.
 *  Never rejects: the log's numbers are told without a server, too. */
async function fromTemporal(
  { account, namespace, by }: StatsOptions,
  log: Pick<PostgresDeliveryLog, 'show'>,
  whose: Whose,
  terminal: Terminal,
): Promise<NotCounted> {
  const of = given({ account, endpointId: whose.endpointId });
  const running = async (client: Client) => ({ ...of, ...(await runningNow(client, whose, terminal)) });
  try {
    return await withClient(terminal.env, namespace, async ({ client }) => {
      const stillRunning = by === 'reason' ? await running(client) : undefined;
      const reading = inWords(client, 'reading the terminated runs', () => terminatedNotInLog(client, log, whose));
      return { ...given({ stillRunning }), terminatedNotInLog: await reading.catch(problemOf) };
    });
  } catch (error) {
    const stillRunning = by === 'reason' ? { ...of, ...problemOf(error) } : undefined;
    return { ...given({ stillRunning }), terminatedNotInLog: problemOf(error) };
  }
}

/** How many still run after a failed attempt, and why it failed. */
async function runningNow(client: Client, { accountId, endpointId }: Whose, terminal: Terminal) {
  const filter = given({ accountId, endpointId });
  const webhooks = await inWords(client, 'counting the open runs', () =>
    countRuns(client, { ...filter, state: 'retrying' }),
  );
  if (webhooks === 0) return { webhooks };
  const reading = inWords(client, 'reading the waiting runs', () =>
    runningReasons(client, filter, (line) => terminal.live(line)),
  );
  // Their number is told all the same.
  return { webhooks, ...(await reading.catch(() => ({}))) };
}

function problemOf(error: unknown): { readonly problem: string } {
  return { problem: error instanceof Error ? error.message : String(error) };
}
