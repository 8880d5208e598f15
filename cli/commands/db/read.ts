/** Runs `db list` and `db show`. */
import type { DeliveryFilter } from '../../../adapters/index.ts';
import type { DeliveryRecord } from '../../../contract/schemas/delivery-record.ts';
import { given } from '../../../contract/given.ts';
import { isSent } from '../../../adapters/delivery-groups.ts';
import { attemptsTable, inSeconds, stateInWords } from '../attempts-table.ts';
import { endInWords } from '../end-in-words.ts';
import { reachNote } from '../log-reach.ts';
import { exactReasons } from '../reason-option.ts';
import { noSuchWebhook } from './no-such-webhook.ts';
import { endpointIdFrom } from '../control/targets.ts';
import { withLog, type DbOptions } from './open.ts';
import { refuseEmptyWindow } from '../window.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { shellWord } from '../../../client/shell-word.ts';
import { factLines } from '../../process/fact-lines.ts';
import { latenessMs } from '../../../contract/lateness.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import type { EventName } from '../../../contract/event-types.ts';
import type { DeliveryState } from '../../../contract/delivery-state.ts';
import { counted } from '../../process/counted.ts';

/** Options of `db list`; times are ISO 8601. */
export type ListCommandOptions = DbOptions & {
  readonly state?: readonly DeliveryState[];
  readonly reason?: string;
  readonly endpoint?: string;
  readonly call?: string;
  readonly campaign?: string;
  readonly account?: string;
  readonly event?: EventName;
  readonly since?: string;
  readonly until?: string;
  readonly startedSince?: string;
  readonly startedUntil?: string;
  readonly limit?: number;
  readonly after?: string;
};

/** Prints one page of records. Rejects with CliError. */
export async function runList(options: ListCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const filter = filterOf(options);
  refuseEmptyWindow(options, Date.now());
  return withLog(options, terminal.env, async ({ log, place }) => {
    const page = await log.list(filter);
    if (options.json) {
      terminal.data(JSON.stringify(page, undefined, 2));
      return EXIT.ok;
    }
    const { records, next } = page;
    if (records.length > 0) {
      terminal.data(records.map(inTwoLines).join('\n'));
    }
    terminal.say(`${counted(records.length, 'record')} (${place})`);
    if (next !== undefined) terminal.say(`more follow: --after ${next}`);
    const note = records.length === 0 ? await reachNote(log, filter.since ?? filter.until) : undefined;
    if (note !== undefined) terminal.say(note);
    return EXIT.ok;
  });
}

/** Prints every cycle of one webhook. Rejects with CliError, `not_found` for an unknown id. */
export async function runShow(webhookId: string, options: DbOptions, terminal: Terminal): Promise<ExitCode> {
  return withLog(options, terminal.env, async ({ log, place }) => {
    const cycles = await log.show(webhookId);
    if (cycles.length === 0) {
      throw new CliError('not_found', EXIT.failed, noSuchWebhook(webhookId, place));
    }
    const words = cycles.map((record) => inWords(record, cycles)).join('\n\n');
    terminal.data(options.json ? JSON.stringify(cycles, undefined, 2) : words);
    const run = shellWord(cycles.at(-1)?.workflowId ?? webhookId);
    if (!options.json)
      terminal.say(`a delivery is recorded when it ends; what still runs: topcalls-webhooks status ${run}`);
    return EXIT.ok;
  });
}

function filterOf(options: ListCommandOptions): DeliveryFilter {
  const { state, reason, endpoint, call, campaign, account, event, limit, after } = options;
  const { since, until, startedSince, startedUntil } = options;
  return given({
    state,
    reason: reason === undefined ? undefined : exactReasons(reason),
    endpointId: endpoint === undefined ? undefined : endpointIdFrom(endpoint),
    callId: call,
    campaignId: campaign,
    accountId: account,
    event,
    since,
    until,
    startedSince,
    startedUntil,
    limit,
    after,
  });
}

/** A table of these facts would be wider than a terminal. */
function inTwoLines({
  endedAt,
  state,
  reason,
  event,
  callId,
  campaignId,
  host,
  attempts,
  webhookId,
}: DeliveryRecord): string {
  // What our rules refused, or a fault of ours ended, was no POST.
  const sent = attempts.filter(isSent).length;
  const count = sent === 0 ? 'nothing sent' : counted(sent, 'attempt');
  const ended = `${inSeconds(endedAt)}  ${stateInWords(state, reason)}  ${event}  ${count}`;
  return factLines([ended, callId ?? campaignId ?? '', `at ${host}`, webhookId]);
}

/** `1`; of a cycle that ended more than once `1, run 2 of 2: the run was reset`. */
function cycleInWords({ cycle, runId }: DeliveryRecord, all: readonly DeliveryRecord[]): string {
  const runs = all.filter((each) => each.cycle === cycle).map((each) => each.runId);
  if (runs.length < 2) return String(cycle);
  const place = runs.indexOf(runId) + 1;
  return `${cycle}, run ${place} of ${runs.length}${place === 1 ? '' : ': the run before it was reset'}`;
}

/** `2026-01-31T23:20:50.000Z, first attempt 0.3 s late`. */
function promisedInWords(record: DeliveryRecord): string | undefined {
  const lateMs = latenessMs(record);
  if (record.promisedAt === undefined || lateMs === undefined) return record.promisedAt;
  return `${record.promisedAt}, first attempt ${lateMs / 1_000} s late`;
}

function inWords(record: DeliveryRecord, all: readonly DeliveryRecord[]): string {
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['webhook', record.webhookId],
    ['cycle', cycleInWords(record, all)],
    ['state', endInWords(record.state, record.reason, record)],
    ['event', record.event],
    ['call', record.callId],
    ['campaign', record.campaignId],
    ['account', record.accountId],
    ['endpoint', `${record.endpointId} at ${record.host}`],
    ['workflow', record.workflowId],
    ['run', record.runId],
    ['body', record.bodyBytes === undefined ? undefined : `${record.bodyBytes} bytes`],
    ['SHA-256', record.bodySha256],
    ['started', record.startedAt],
    ['promised', promisedInWords(record)],
    ['ended', record.endedAt],
    ['changed', record.repaired?.join(', ')],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(9)}${oneLine(String(value))}`],
  );
  if (record.attempts.length === 0) return [...lines, 'no attempt was made'].join('\n');
  return [...lines, attemptsTable(record.attempts)].join('\n');
}
