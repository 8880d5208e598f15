/** Acts on webhooks one after the other, at the given rate. One that cannot be handled is one line, and the others go
 *  on. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import { given } from '../../../contract/given.ts';
import { stateInWords } from '../attempts-table.ts';
import { countOutcomes } from '../../process/count-outcomes.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { progressLine } from '../../process/progress-line.ts';
import { tabbed } from '../../process/tabbed.ts';
import type { Terminal } from '../../process/terminal.ts';
import { act, look, type ControlItem } from './act.ts';
import type { ControlRequest, ControlVerb } from './request.ts';
import { totalInWords, totalsOf } from './totals.ts';
import type { Narrowing } from './touched.ts';

/** What to do, and with whom to talk meanwhile. */
export type Work = {
  readonly terminal: Terminal;
  /** Aborted: nothing more is touched. */
  readonly signal: AbortSignal;
  readonly request: ControlRequest;
  readonly narrowing: Narrowing;
  /** Whether the webhooks were named. Then one with nothing to do is a failure, too. */
  readonly isNamed: boolean;
  /** Webhooks with the chosen state that were passed over, because another reason or endpoint state was asked for. */
  readonly unfit?: number;
  readonly options: { readonly rate: number; readonly dryRun: boolean; readonly json: boolean };
};

/** Requests in a row without an answer, after which the server counts as gone. A single one is only one webhook. */
const LOST_IN_A_ROW = 3;

/** Acts on all. Resolves with the exit code. Rejects with CliError when the server no longer answers. */
export async function actOnAll(handles: readonly WebhookHandle[], work: Work): Promise<ExitCode> {
  const { options, terminal, request, narrowing, signal } = work;
  const items: ControlItem[] = [];
  let lostInARow = 0;
  const startedAt = Date.now();
  for (const [index, handle] of handles.entries()) {
    if (signal.aborted || lostInARow === LOST_IN_A_ROW) break;
    const item = await (options.dryRun ? look : act)(handle, request, narrowing);
    items.push(item);
    lostInARow = item.code === 'temporal_unavailable' ? lostInARow + 1 : 0;
    if (!options.json) sayItem(item, request.verb, terminal);
    terminal.live(progressLine(items.length, handles.length, Date.now() - startedAt));
    const dueInMs = startedAt + ((index + 1) * 1_000) / options.rate - Date.now();
    const isLast = index === handles.length - 1;
    if (dueInMs > 0 && !isLast && !options.dryRun) await delay(dueInMs, undefined, { signal }).catch(() => undefined);
  }
  const isServerGone = lostInARow === LOST_IN_A_ROW || (lostInARow > 0 && lostInARow === items.length);
  return report(items, handles.length, isServerGone, work);
}

/** A line per webhook; in a dry run a line per delivery. */
function sayItem({ workflowId, outcome, words, deliveries }: ControlItem, verb: ControlVerb, terminal: Terminal): void {
  if (deliveries === undefined) return terminal.data(tabbed(workflowId, outcome, words));
  for (const { host, endpointId, state, reason, attempt } of deliveries) {
    const more = attempt === undefined ? '' : `; ${attempt}`;
    terminal.data(tabbed(workflowId, outcome, `${verb}; now ${stateInWords(state, reason)}${more}`, host, endpointId));
  }
}

function report(items: readonly ControlItem[], chosenCount: number, isServerGone: boolean, work: Work): ExitCode {
  const { request, options, isNamed, unfit = 0, terminal, signal } = work;
  const { counts, words } = countOutcomes(items, ['done', 'skipped', 'failed', 'would']);
  const left = chosenCount - items.length;
  const endpoints = options.dryRun ? totalsOf(items.flatMap(({ deliveries = [] }) => deliveries)) : undefined;
  if (options.json) {
    const head = { command: request.verb, dryRun: options.dryRun, chosen: chosenCount, unfit, ...counts, left };
    terminal.data(JSON.stringify({ ...head, ...given({ endpoints }), items }, undefined, 2));
  }
  for (const total of options.json ? [] : (endpoints ?? [])) terminal.say(totalInWords(total));
  const untouched = left === 0 ? '' : `; ${left} left untouched`;
  const nothing = left === 0 ? 'nothing to do' : 'nothing was done';
  const others = unfit === 0 ? '' : `; ${unfit} passed over, because ${narrowedBy(work)}`;
  terminal.say(
    `${request.verb}: ${words === '' ? nothing : words}${others}${untouched}${options.dryRun ? ' (dry run)' : ''}`,
  );
  if (isServerGone) throw new CliError('temporal_unavailable', EXIT.noServer, items.at(-1)?.words ?? '');
  if (signal.aborted) return EXIT.interrupted;
  const missed = counts.failed + (isNamed ? counts.skipped : 0);
  return missed > 0 ? EXIT.failed : EXIT.ok;
}

/** What those that were passed over lack. */
function narrowedBy({ narrowing: { reason } }: Work): string {
  return reason === undefined
    ? 'the state at that endpoint is another one'
    : `no delivery that could be touched has the reason ${reason}`;
}
