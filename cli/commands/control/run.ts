/** Runs `cancel`, `retry-now` and `redeliver`: chooses webhooks, then acts on one after the other at the given rate. */
import type { FindFilter } from '../../../contract/schemas/find-filter.ts';
import { given } from '../../../contract/given.ts';
import type { ControlRequest, ControlVerb } from './request.ts';
import { actOnAll } from './act-on-all.ts';
import { findTargets, type Found } from './find-targets.ts';
import type { Narrowing } from './touched.ts';
import { chosen, endpointIdFrom, isOfAll, type Choice, type ChoiceOptions } from './targets.ts';
import { refuseEmptyWindow } from '../window.ts';
import { EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import { catchInterrupts, type Interrupts } from '../../process/interrupts.ts';
import { type OpenClient, withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';
import { counted } from '../../process/counted.ts';

/** Options of the three commands. */
export type ControlOptions = ChoiceOptions & {
  readonly namespace?: string;
  readonly endpoint?: string;
  readonly rate: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly reason?: string;
  readonly letGo?: boolean;
};

/** Acts on what was chosen. Rejects with CliError for arguments that do not fit, or when no server answers. */
export async function runControl(
  verb: ControlVerb,
  ids: readonly string[],
  options: ControlOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const choice = chosen(verb, ids, options);
  refuseEmptyWindow(options, Date.now());
  const endpointId = options.endpoint === undefined ? undefined : endpointIdFrom(options.endpoint);
  const { reason, force, letGo } = options;
  if (letGo === true && (choice.by !== 'id' || options.dryRun || (reason ?? endpointId) !== undefined)) {
    throw usageError('--let-go cancels nothing and closes runs by name: give it ids alone');
  }
  const isCancel = verb === 'cancel';
  const request: ControlRequest = {
    verb,
    ...given({ endpointId, reason: isCancel ? reason : undefined, force, letGo }),
  };
  const narrowing: Narrowing = given({
    reason: isCancel ? undefined : reason,
    states: choice.by === 'state' ? choice.states : undefined,
  });
  const namespace = options.namespace ?? (choice.by === 'id' ? choice.namespace : undefined);
  return withClient(terminal.env, namespace, async (open) => {
    // Caught only now: while the client connects, Ctrl-C ends the process at once.
    const interrupts = catchInterrupts({ onlyReads: options.dryRun });
    try {
      const asked = { request, narrowing };
      const { handles, unfit } = await targets(choice, asked, options, open, { terminal, interrupts });
      const takesAll = choice.by === 'state' && isOfAll(options) && !interrupts.signal.aborted;
      if (!(await isWanted(handles.length, verb, { ...options, takesAll }, open.namespace, terminal))) {
        return interrupts.signal.aborted ? EXIT.interrupted : EXIT.failed;
      }
      const isNamed = choice.by === 'id';
      const { signal } = interrupts;
      return await actOnAll(handles, { ...asked, isNamed, unfit, options, terminal, signal });
    } finally {
      interrupts.release();
    }
  });
}

/** Asks a person before a command acts on webhooks of all customers. A program is told that it does. */
async function isWanted(
  count: number,
  verb: ControlVerb,
  { takesAll, yes, dryRun }: ControlOptions & { readonly takesAll: boolean },
  namespace: string,
  terminal: Terminal,
): Promise<boolean> {
  if (!takesAll || yes || dryRun || count === 0) return true;
  const what = `${verb} ${counted(count, 'webhook')} of namespace ${namespace}, of all customers`;
  const answer = await terminal.ask(`${what}? Type yes to go on: `);
  if (answer === undefined) terminal.say(what);
  if (answer === undefined || answer.trim().toLowerCase() === 'yes') return true;
  terminal.say(`${verb}: nothing was changed`);
  return false;
}

/** Finds the webhooks, and says how many. */
async function targets(
  choice: Choice,
  { request, narrowing }: Asked,
  options: ControlOptions,
  { webhooks, namespace }: OpenClient,
  { terminal, interrupts: { signal, interrupted } }: Watch,
): Promise<Pick<Found, 'handles' | 'unfit'>> {
  if (choice.by === 'id') return { handles: choice.handlesOf(webhooks), unfit: 0 };
  const { campaign, account, event, since, until, startedSince, startedUntil, limit = Infinity } = options;
  const { endpointId } = request;
  const filter: FindFilter = {
    state: [...choice.states],
    ...given({ endpointId, campaignId: campaign, accountId: account, event }),
    ...given({ since, until, startedSince, startedUntil }),
  };
  const watch = { terminal, signal, interrupted };
  const { handles, unfit, isCut } = await findTargets(webhooks, { filter, limit, request, narrowing }, watch);
  const why = narrowing.reason === undefined ? '' : ` with ${narrowing.reason}`;
  const more = signal.aborted ? ', interrupted; there may be more' : isCut ? ', the limit; there may be more' : '';
  terminal.say(`${handles.length} ${choice.states.join(', ')}${why} in namespace ${namespace}${more}`);
  return { handles, unfit };
}

type Watch = { readonly terminal: Terminal; readonly interrupts: Interrupts };
type Asked = { readonly request: ControlRequest; readonly narrowing: Narrowing };
