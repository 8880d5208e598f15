/** Runs `report`. */
import { given } from '../../../contract/given.ts';
import { reachNote } from '../log-reach.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { withOptionalLog } from '../db/open.ts';
import { inWords } from '../status/reading.ts';
import { windowOf, type WindowOptions } from '../window.ts';
import { withClient } from '../../environment/open-client.ts';
import { EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { collect, type Collected } from './collect.ts';
import { csvOf } from './csv.ts';
import { reportPage } from './page.ts';
import { deliveryInLines, emptyInWords, totalsInWords } from './words.ts';

/** Options of `report`. */
export type ReportOptions = WindowOptions & {
  readonly namespace?: string;
  readonly endpoint?: string;
  readonly csv: boolean;
  readonly html: boolean;
};

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 10_000;

/** Prints the report. Rejects with CliError. */
export async function runReport(options: ReportOptions, terminal: Terminal): Promise<ExitCode> {
  const { namespace, account, endpoint, limit = DEFAULT_LIMIT, json, csv, html } = options;
  if (account === undefined && endpoint === undefined) {
    throw usageError('report of whom? Give --account or --endpoint; stats and endpoints are about all');
  }
  if ([json, csv, html].filter(Boolean).length > 1) throw usageError('--json, --csv and --html exclude each other');
  if (limit > MAX_LIMIT) throw usageError(`--limit is ${limit}; at most ${MAX_LIMIT} deliveries fit in a report`);
  const nowMs = Date.now();
  const window = windowOf(options, nowMs);
  const endpointId = endpoint === undefined ? undefined : endpointIdFrom(endpoint);
  const whose = { ...window, ...given({ accountId: account, endpointId }) };
  return withOptionalLog(options, terminal.env, (open) =>
    withClient(terminal.env, namespace, async ({ client, namespace: where }) => {
      const collected = await inWords(client, 'listing the runs', () =>
        collect(client, open?.log, whose, limit, (line) => terminal.live(line)),
      ).finally(() => terminal.live(''));
      const { deliveries, totals, notes } = collected;
      if (json) terminal.data(JSON.stringify({ ...whose, totals, notes, deliveries }, undefined, 2));
      else if (csv) terminal.data(csvOf(deliveries));
      else if (html) terminal.data(pageFor(whose, collected, nowMs));
      else if (deliveries.length > 0) terminal.data(deliveries.map((each) => deliveryInLines(each, nowMs)).join('\n'));
      for (const note of notes) terminal.say(`note: ${note}`);
      if (deliveries.length === 0) {
        terminal.say(emptyInWords(account, endpointId));
        const note = open === undefined ? undefined : await reachNote(open.log, options.since);
        if (note !== undefined) terminal.say(note);
      } else terminal.say(totalsInWords(totals));
      terminal.say(`from ${window.since} to ${window.until} (namespace ${where}, ${open?.place ?? 'no delivery log'})`);
      return EXIT.ok;
    }),
  );
}

function pageFor(
  { accountId, endpointId, since, until }: Parameters<typeof collect>[2],
  { deliveries, totals, notes }: Collected,
  nowMs: number,
): string {
  const host = endpointId === undefined ? undefined : deliveries.at(0)?.host;
  const whose = [
    ...(accountId === undefined ? [] : [`account ${accountId}`]),
    ...(endpointId === undefined ? [] : [`endpoint ${host === undefined ? endpointId : `${host} (${endpointId})`}`]),
  ];
  const made = `Made ${new Date(nowMs).toISOString()}`;
  const facts = [`Ended from ${since} to ${until}, and what still runs. ${made}. All times are UTC.`];
  return reportPage({ title: `Webhooks of ${whose.join(', ')}`, facts, totals, notes, deliveries, nowMs });
}
