/** Runs `endpoints`. */
import { given } from '../../../contract/given.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { inSeconds, wasDue } from '../attempts-table.ts';
import { withOptionalLog } from '../db/open.ts';
import { unreadableNote } from '../read-runs.ts';
import { inWords } from '../status/reading.ts';
import { shareInWords, windowOf, type WindowOptions } from '../window.ts';
import { withClient } from '../../environment/open-client.ts';
import { counted } from '../../process/counted.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { factLines } from '../../process/fact-lines.ts';
import type { Terminal } from '../../process/terminal.ts';
import { gather, type Gathered } from './gather.ts';
import { HEALTH_STATES, healthOf, isWell, type EndpointHealth } from './health.ts';

/** Options of `endpoints`. */
export type EndpointsOptions = WindowOptions & { readonly namespace?: string; readonly unhealthy: boolean };

const DEFAULT_LIMIT = 100;

/** Prints the health of every endpoint, the worst first. Rejects with CliError. */
export async function runEndpoints(options: EndpointsOptions, terminal: Terminal): Promise<ExitCode> {
  const { namespace, account, unhealthy, limit = DEFAULT_LIMIT, json } = options;
  const nowMs = Date.now();
  const window = windowOf(options, nowMs);
  const asked = { ...window, ...given({ account }) };
  return withOptionalLog(options, terminal.env, (open) =>
    withClient(terminal.env, namespace, async ({ client, namespace: where }) => {
      const facts = await inWords(client, 'listing the open runs', () =>
        gather(client, open?.log, asked, (line) => terminal.live(line)),
      ).finally(() => terminal.live(''));
      const all = healthOf(facts);
      const wanted = all.filter(({ state }) => !unhealthy || !isWell(state));
      const shown = wanted.slice(0, limit);
      const notes = notesOn(facts, open !== undefined);
      const sample = { ...facts.sample, waiting: facts.waiting };
      if (json) {
        const endpoints = {
          ...window,
          endpoints: shown,
          more: wanted.length > limit,
          counts: countsOf(all),
          failingWith: failingWith(all),
          sample,
          notes,
        };
        terminal.data(JSON.stringify(endpoints, undefined, 2));
      } else if (shown.length > 0) terminal.data(shown.map((each) => inLines(each, nowMs)).join('\n'));
      if (!json) for (const note of notes) terminal.say(`note: ${note}`);
      const causes = Object.entries(failingWith(all));
      const failing = causes.map(([code, count]) => `${count} ${code}`).join(', ');
      if (!json && failing !== '') terminal.say(oneLine(`failing with: ${failing}`));
      if (wanted.length > limit) terminal.say(`${wanted.length - limit} more: --limit shows them`);
      terminal.say(
        `${summaryOf(all)} (namespace ${where}, ${open?.place ?? 'no delivery log'}, since ${window.since})`,
      );
      return EXIT.ok;
    }),
  );
}

function countsOf(all: readonly EndpointHealth[]): Readonly<Record<string, number>> {
  return Object.fromEntries(HEALTH_STATES.map((state) => [state, all.filter((each) => each.state === state).length]));
}

/** How many of the endpoints that do not take webhooks have which last code, most first. One code for all of them is
 *  mostly a fault of ours. */
export function failingWith(all: readonly EndpointHealth[]): Readonly<Record<string, number>> {
  const codes = all.flatMap(({ state, lastCode }) => (state === 'failing' && lastCode !== undefined ? [lastCode] : []));
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, one], [, other]) => other - one));
}

function summaryOf(all: readonly EndpointHealth[]): string {
  const counts = Object.entries(countsOf(all)).filter(([, count]) => count > 0);
  const words = counts.map(([state, count]) => `${count} ${state}`).join(', ');
  return `${counted(all.length, 'endpoint')}${words === '' ? '' : `: ${words}`}`;
}

/** What the numbers leave out, and what to do about it. */
function notesOn({ sample, waiting, isCut, withoutEndpoints }: Gathered, hasLog: boolean): readonly string[] {
  return [
    ...(hasLog
      ? []
      : [
          'no delivery log is named (TOPCALLS_DATABASE_URL or --url): what ended is from the list of runs, ' +
            'without attempts, and the failure of a run with several endpoints counts for none of them',
        ]),
    ...(sample.read < waiting
      ? [
          `${sample.read} of ${counted(waiting, 'waiting run')} ${sample.read === 1 ? 'was' : 'were'} read: ` +
            'since, last and next are of those, and may be earlier or later',
        ]
      : []),
    ...(sample.unreadable > 0 ? [unreadableNote(sample.unreadable)] : []),
    ...(withoutEndpoints > 0
      ? [
          `${counted(withoutEndpoints, 'open run shows', 'open runs show')} no endpoint: ` +
            'the namespace lacks our search attributes (setup adds them)',
        ]
      : []),
    ...(isCut ? ['there is more than was counted: narrow it with --account or a later --since'] : []),
  ];
}

/** ` since 2026-06-01T12:00:00Z`, with a word before the time where it is a bound. */
export function sinceInWords({ since, sinceBound }: EndpointHealth): string {
  if (since === undefined) return '';
  const word = sinceBound === 'at_least' ? ' at least since' : sinceBound === 'about' ? ' since about' : ' since';
  return `${word} ${inSeconds(since)}`;
}

/** The last answer, or the last attempt if no answer came. A refusal is neither. */
export function lastInWords({ lastCode, lastAttemptAt, lastAnswerAt }: EndpointHealth): string {
  if (lastAttemptAt === undefined) return lastCode === undefined ? '' : `last refused: ${lastCode}`;
  const word = lastAnswerAt === undefined ? 'last attempt' : 'last answer';
  return `${word} ${lastCode ?? 'without a code'} at ${inSeconds(lastAttemptAt)}`;
}

function reasonsInWords({ refusedFor }: EndpointHealth): string {
  return refusedFor === undefined ? '' : `: ${refusedFor.join(', ')}`;
}

function inLines(endpoint: EndpointHealth, nowMs: number): string {
  const { endpointId, host, accountId, accounts, state, lastDeliveredAt, refused } = endpoint;
  const { running, waiting, inFlight, nextAttemptAt, deliveries, delivered, attempts } = endpoint;
  const share = shareInWords(delivered, deliveries);
  const next = nextAttemptAt === undefined ? '' : `, next ${wasDue(nextAttemptAt, nowMs)}${inSeconds(nextAttemptAt)}`;
  return factLines([
    `${state}${sinceInWords(endpoint)}  ${host ?? '(host not read)'}`,
    lastInWords(endpoint),
    lastDeliveredAt === undefined ? 'no success known' : `last success ${inSeconds(lastDeliveredAt)}`,
    waiting === 0 ? '' : `${counted(waiting, 'waits', 'wait')}${next}`,
    inFlight === 0 ? '' : `${inFlight} in flight or due`,
    running === waiting + inFlight ? '' : `${running} open`,
    share === undefined ? '' : `${delivered} of ${deliveries} ended delivered, ${share}`,
    refused === undefined ? '' : `${refused} refused by our rules${reasonsInWords(endpoint)}`,
    attempts === undefined || deliveries === 0 ? '' : counted(attempts, 'attempt'),
    accountId === undefined ? (accounts > 1 ? `${accounts} accounts` : '') : `account ${accountId}`,
    endpointId,
  ]);
}
