/** Runs `cancel`, `retry-now` and `redeliver`: chooses webhooks, then acts on one after the other at the given rate. */
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { FindFilter } from '../../../contract/schemas/find-filter.ts';
import { given } from '../../../contract/given.ts';
import type { ControlRequest, ControlVerb } from './request.ts';
import { actOnAll } from './act-on-all.ts';
import type { Narrowing } from './touched.ts';
import { chosen, endpointIdFrom, type Choice, type ChoiceOptions } from './targets.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { catchInterrupts, type Interrupts } from '../../process/interrupts.ts';
import { type OpenClient, withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';

/** Options of the three commands. */
export type ControlOptions = ChoiceOptions & {
  readonly namespace?: string;
  readonly endpoint?: string;
  readonly rate: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
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
  const isCancel = verb === 'cancel';
  const request: ControlRequest = { verb, ...given({ endpointId, reason: isCancel ? reason : undefined, force }) };
  const narrowing: Narrowing = given({
    reason: isCancel ? undefined : reason,
    states: choice.by === 'state' ? choice.states : undefined,
  });
  const namespace = options.namespace ?? (choice.by === 'id' ? choice.namespace : undefined);
  return withClient(terminal.env, namespace, async (open) => {
    // Caught only now: while the client connects, Ctrl-C ends the process at once.
    const interrupts = catchInterrupts();
    try {
      const handles = await targets(choice, endpointId, options, open, { terminal, interrupts });
      if (!(await isWanted(handles.length, verb, options, open.namespace, terminal))) return EXIT.failed;
      const isNamed = choice.by === 'id';
      return await actOnAll(handles, { request, narrowing, isNamed, options, terminal, signal: interrupts.signal });
    } finally {
      interrupts.release();
    }
  });
}

/** Asks a person before a command acts on everything. A program is not asked. */
async function isWanted(
  count: number,
  verb: ControlVerb,
  { all = false, yes, dryRun }: ControlOptions,
  namespace: string,
  terminal: Terminal,
): Promise<boolean> {
  if (!all || yes || dryRun || count === 0) return true;
  const what = `${verb} ${count} webhook${count === 1 ? '' : 's'} of namespace ${namespace}`;
  const answer = await terminal.ask(`${what}? Type yes to go on: `);
  if (answer === undefined || answer.trim().toLowerCase() === 'yes') return true;
  terminal.say(`${verb}: nothing was changed`);
  return false;
}

type Watch = { readonly terminal: Terminal; readonly interrupts: Interrupts };

/** Finds all webhooks before the first one is touched: an action could move a run within the list that is being read.
 *  */
async function targets(
  choice: Choice,
  endpointId: string | undefined,
  { campaign, account, event, since, until, startedSince, startedUntil, limit = Infinity }: ControlOptions,
  { webhooks, namespace }: OpenClient,
  { terminal, interrupts: { signal, interrupted } }: Watch,
): Promise<readonly WebhookHandle[]> {
  if (choice.by === 'id') return choice.handlesOf(webhooks);
  const filter: FindFilter = {
    state: [...choice.states],
    ...given({ endpointId, campaignId: campaign, accountId: account, event }),
    ...given({ since, until, startedSince, startedUntil }),
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
  terminal.say(`${handles.length} ${choice.states.join(', ')} in namespace ${namespace}${more}`);
  return handles;
}
