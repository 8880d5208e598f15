/** Runs `cancel`, `retry-now` and `redeliver`: chooses webhooks, then acts on one after the other at the given rate. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import { TemporalUnavailableError } from '../../../client/errors.ts';
import type { FindFilter } from '../../../contract/schemas/find-filter.ts';
import { given } from '../../../contract/given.ts';
import { countOutcomes } from '../../process/count-outcomes.ts';
import { act, look, type ControlItem, type ControlRequest, type ControlVerb } from './act.ts';
import { chosen, endpointIdFrom, type Choice, type ChoiceOptions } from './targets.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { catchInterrupts, type Interrupts } from '../../process/interrupts.ts';
import { type OpenClient, withClient } from '../../environment/open-client.ts';
import { tabbed } from '../../process/tabbed.ts';
import { progressLine } from '../../process/progress-line.ts';
import type { Terminal } from '../../process/terminal.ts';

/** Options of the three commands. */
export type ControlOptions = ChoiceOptions & {
  readonly namespace?: string;
  readonly endpoint?: string;
  readonly rate: number;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly reason?: string;
};

/** Acts on what was chosen. Rejects with CliError for arguments that do not fit, or when no server answers. */
export async function runControl(
  verb: ControlVerb,
  ids: readonly string[],
  options: ControlOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const choice = chosen(verb, ids, options);
  const endpointId = options.endpoint === undefined ? undefined : endpointIdFrom(options.endpoint);
  const { reason, force } = options;
  const request: ControlRequest = { verb, ...given({ endpointId, reason, force }) };
  return withClient(terminal.env, options.namespace, async (open) => {
    // Caught only now: while the client connects, Ctrl-C ends the process at once.
    const interrupts = catchInterrupts();
    try {
      const handles = await targets(choice, endpointId, options, open, { terminal, interrupts });
      return await actOnAll(handles, { request, choice, options, terminal, interrupts });
    } finally {
      interrupts.release();
    }
  });
}

type Watch = { readonly terminal: Terminal; readonly interrupts: Interrupts };

/** Finds all webhooks before the first one is touched: an action could move a run within the list that is being read.
 *  */
async function targets(
  choice: Choice,
  endpointId: string | undefined,
  { campaign, account, event, since, until, limit = Infinity }: ControlOptions,
  { webhooks, namespace }: OpenClient,
  { terminal, interrupts: { signal, interrupted } }: Watch,
): Promise<readonly WebhookHandle[]> {
  if (choice.by === 'id') return choice.handlesOf(webhooks);
  const filter: FindFilter = {
    state: choice.state,
    ...given({ endpointId, campaignId: campaign, accountId: account, event, since, until }),
  };
  const handles: WebhookHandle[] = [];
  const found = webhooks.find(filter)[Symbol.asyncIterator]();
  while (handles.length < limit && !signal.aborted) {
    terminal.live(`looking: ${handles.length} found`);
    // A search that passes over many runs is silent for a while; Ctrl-C must not wait for it.
    const next = await Promise.race([found.next(), interrupted]);
    if (next === undefined || next.done === true) break;
    handles.push(next.value.handle);
  }
  const more = handles.length === limit ? ', the limit; there may be more' : '';
  terminal.say(`${handles.length} ${choice.state} in namespace ${namespace}${more}`);
  return handles;
}

type Work = Watch & {
  readonly request: ControlRequest;
  readonly choice: Choice;
  readonly options: ControlOptions;
};

async function actOnAll(handles: readonly WebhookHandle[], work: Work): Promise<ExitCode> {
  const {
    options,
    terminal,
    interrupts: { signal },
  } = work;
  const items: ControlItem[] = [];
  let lost: TemporalUnavailableError | undefined;
  const startedAt = Date.now();
  for (const [index, handle] of handles.entries()) {
    if (signal.aborted) break;
    try {
      const item = await actOrSay(handle, work);
      items.push(item);
      if (!options.json) terminal.data(tabbed(item.workflowId, item.outcome, item.words));
    } catch (error) {
      if (!(error instanceof TemporalUnavailableError)) throw error;
      lost = error;
      break;
    }
    terminal.live(progressLine(items.length, handles.length, Date.now() - startedAt));
    const dueInMs = startedAt + ((index + 1) * 1_000) / options.rate - Date.now();
    const isLast = index === handles.length - 1;
    if (dueInMs > 0 && !isLast && !options.dryRun) await delay(dueInMs, undefined, { signal }).catch(() => undefined);
  }
  return report(items, handles.length, lost, work);
}

async function actOrSay(handle: WebhookHandle, { request, options, choice }: Work): Promise<ControlItem> {
  if (!options.dryRun) return act(handle, request);
  // What was found exists. What was named may not exist.
  if (choice.by === 'id') return look(handle, request.verb);
  return { workflowId: handle.workflowId, outcome: 'would', words: request.verb };
}

function report(items: readonly ControlItem[], chosenCount: number, lost: Error | undefined, work: Work): ExitCode {
  const { request, options, choice, terminal, interrupts } = work;
  const { counts, words } = countOutcomes(items, ['done', 'skipped', 'failed', 'would']);
  const left = chosenCount - items.length;
  if (options.json) {
    const summary = { command: request.verb, dryRun: options.dryRun, chosen: chosenCount, ...counts, left, items };
    terminal.data(JSON.stringify(summary, undefined, 2));
  }
  const untouched = left === 0 ? '' : `; ${left} left untouched`;
  terminal.say(
    `${request.verb}: ${words === '' ? 'nothing to do' : words}${untouched}${options.dryRun ? ' (dry run)' : ''}`,
  );
  if (lost !== undefined) throw lost;
  if (interrupts.signal.aborted) return EXIT.interrupted;
  const missed = counts.failed + (choice.by === 'id' ? counts.skipped : 0);
  return missed > 0 ? EXIT.failed : EXIT.ok;
}
