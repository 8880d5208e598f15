/** Runs `db list` and `db show`. */
import type { DeliveryFilter } from '../../../adapters/index.ts';
import type { DeliveryRecord } from '../../../contract/schemas/delivery-record.ts';
import { given } from '../../../contract/given.ts';
import { attemptsTable } from '../attempts-table.ts';
import { withLog, type DbOptions } from './open.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { plainTable } from '../../process/plain-table.ts';
import type { EventName } from '../../../contract/event-types.ts';
import type { DeliveryState } from '../../../contract/delivery-state.ts';

/** Options of `db list`; times are ISO 8601. */
export type ListCommandOptions = DbOptions & {
  readonly state?: DeliveryState;
  readonly endpoint?: string;
  readonly call?: string;
  readonly campaign?: string;
  readonly event?: EventName;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly after?: string;
};

/** Prints one page of records. Rejects with CliError. */
export async function runList(options: ListCommandOptions, terminal: Terminal): Promise<ExitCode> {
  return withLog(options, terminal.env, async ({ log, place }) => {
    const page = await log.list(filterOf(options));
    if (options.json) {
      terminal.data(JSON.stringify(page, undefined, 2));
      return EXIT.ok;
    }
    const { records, next } = page;
    if (records.length > 0) {
      const head = ['ended', 'state', 'reason', 'event', 'call or campaign', 'host', 'attempts', 'webhook'];
      const table = plainTable(head);
      for (const record of records) {
        const { endedAt, state, reason = '', event, callId, campaignId = '', host, attempts, webhookId } = record;
        table.push([endedAt, state, reason, event, callId ?? campaignId, host, attempts.length, webhookId]);
      }
      terminal.data(table.toString());
    }
    terminal.say(`${records.length} record${records.length === 1 ? '' : 's'} (${place})`);
    if (next !== undefined) terminal.say(`more follow: --after ${next}`);
    return EXIT.ok;
  });
}

/** Prints every cycle of one webhook. Rejects with CliError, `not_found` for an unknown id. */
export async function runShow(webhookId: string, options: DbOptions, terminal: Terminal): Promise<ExitCode> {
  return withLog(options, terminal.env, async ({ log, place }) => {
    const cycles = await log.show(webhookId);
    if (cycles.length === 0) {
      const hint = 'a delivery is recorded when it ends; the Temporal Web UI shows what still runs';
      throw new CliError('not_found', EXIT.failed, `${place} has no webhook ${webhookId}: ${hint}`);
    }
    terminal.data(options.json ? JSON.stringify(cycles, undefined, 2) : cycles.map(inWords).join('\n\n'));
    return EXIT.ok;
  });
}

function filterOf(options: ListCommandOptions): DeliveryFilter {
  const { state, endpoint, call, campaign, event, since, until, limit, after } = options;
  const filter = { state, endpointId: endpoint, callId: call, campaignId: campaign, event, since, until, limit, after };
  return given(filter);
}

function inWords(record: DeliveryRecord): string {
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['webhook', record.webhookId],
    ['cycle', record.cycle],
    ['state', record.reason === undefined ? record.state : `${record.state} (${record.reason})`],
    ['event', record.event],
    ['call', record.callId],
    ['campaign', record.campaignId],
    ['account', record.accountId],
    ['endpoint', `${record.endpointId} at ${record.host}`],
    ['workflow', record.workflowId],
    ['run', record.runId],
    ['body', record.bodyBytes === undefined ? undefined : `${record.bodyBytes} bytes, SHA-256 ${record.bodySha256}`],
    ['started', record.startedAt],
    ['ended', record.endedAt],
  ];
  const lines = facts.filter(([, value]) => value !== undefined).map(([name, value]) => `${name.padEnd(9)}${value}`);
  if (record.attempts.length === 0) return [...lines, 'no attempt was made'].join('\n');
  return [...lines, attemptsTable(record.attempts)].join('\n');
}
