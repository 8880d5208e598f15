/** Runs `erase`. */
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { given } from '../../../contract/given.ts';
import { filled, type Env } from '../../../temporal-server/env.ts';
import { type OpenClient, withClient } from '../../environment/open-client.ts';
import { countOutcomes } from '../../process/count-outcomes.ts';
import { EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import { catchInterrupts } from '../../process/interrupts.ts';
import { progressLine } from '../../process/progress-line.ts';
import { tellWaits } from '../../process/tell-waits.ts';
import type { Terminal } from '../../process/terminal.ts';
import { chosen, handleMaker } from '../control/targets.ts';
import { withLog, type DbTarget } from '../db/open.ts';
import { readPasted } from '../pasted-id.ts';
import { eraseWebhook, wouldErase, type ErasedWebhook, type EraseStep, type KnownSoFar } from './erase-webhook.ts';
import { NOTHING_KNOWN, type Meant, type Places } from './find-erasable.ts';
import { joined, meantByAccount, meantById } from './meant.ts';
import { countsInWords, cutOff, notReached, stepsInWords } from './receipt.ts';
import { beginReceipt, type Receipt } from './write-receipt.ts';

/** Options of `erase`. */
export type EraseOptions = DbTarget & {
  readonly account?: string;
  readonly namespace?: string;
  /** Seconds. */
  readonly wait: number;
  readonly yes: boolean;
  readonly json: boolean;
};

/** Erases what was named. Rejects with CliError. Resolves with 1 if something could not be deleted. */
export async function runErase(ids: readonly string[], options: EraseOptions, terminal: Terminal): Promise<ExitCode> {
  const { account } = options;
  if ((account === undefined) === (ids.length === 0))
    throw usageError('erase what? Name call ids, or --account <id>, and not both; erase --help shows both');
  const choice = ids.length === 0 ? undefined : chosen('cancel', ids, given({ namespace: options.namespace }));
  const namespace = choice?.by === 'id' ? choice.namespace : options.namespace;
  return withLogOrNone(options, terminal.env, async (log, place) =>
    withClient(terminal.env, namespace, async (open) => {
      // Asked first: a log that is down must not be found out after the runs are gone.
      await log?.list({ limit: 1 });
      const places: Places = { client: open.client, log };
      const meant = account === undefined ? named(places, ids, open, terminal) : ofAccount(places, account, terminal);
      return eraseAll(places, await meant, { options, terminal, open, place });
    }),
  );
}

/** Every id is looked for before anything is deleted, so one that cannot be found refuses all. */
async function named(
  places: Places,
  ids: readonly string[],
  { webhooks }: OpenClient,
  terminal: Terminal,
): Promise<readonly Meant[]> {
  const found = new Map<string, Meant>();
  for (const id of new Set(ids.map((text) => readPasted(text).id))) {
    const { workflowId } = handleMaker(id)(webhooks);
    const meant = await meantById(places, { id, workflowId }, (words) => terminal.live(words));
    const before = found.get(meant.workflowId)?.known ?? NOTHING_KNOWN;
    found.set(meant.workflowId, { ...meant, known: joined(before, meant.known) });
  }
  terminal.live('');
  return [...found.values()];
}

async function ofAccount(places: Places, account: string, terminal: Terminal): Promise<readonly Meant[]> {
  const meant = await meantByAccount(places, account, (words) => terminal.live(words));
  terminal.live('');
  return meant;
}

type Work = {
  readonly options: EraseOptions;
  readonly terminal: Terminal;
  readonly open: OpenClient;
  readonly place: string;
};

/** Webhooks that are erased side by side. */
const AT_ONCE = 20;

async function eraseAll(places: Places, all: readonly Meant[], work: Work): Promise<ExitCode> {
  const { options, terminal, open, place } = work;
  const dryRun = !options.yes;
  const { namespace, address } = open;
  const head = { dryRun, namespace, address, log: place, ...given({ account: options.account }) };
  const receipt = beginReceipt(terminal, head, options);
  const items: ErasedWebhook[] = [];
  const startedAt = Date.now();
  const steps = new Map<Meant, EraseStep>();
  const underWay = new Map<Meant, KnownSoFar>();
  const waits = tellWaits(terminal, () => {
    const words = stepsInWords([...steps.values()]);
    if (terminal.isLive) return `${progressLine(items.length, all.length, Date.now() - startedAt)}  ${words}`;
    return words === '' ? undefined : `${items.length} of ${all.length} done; ${words}`;
  });
  const lastWords = (): void => {
    const cut = cutOff(underWay.values(), dryRun);
    for (const item of cut) receipt.item(item);
    conclude(receipt, [...items, ...cut], all.length, work);
  };
  const interrupts = catchInterrupts({ lastWords, onlyReads: dryRun });
  try {
    const rest = all.values();
    // Most of the time goes into waiting for the server, so several webhooks are erased side by side.
    const eraseNext = async (): Promise<void> => {
      for (const meant of rest) {
        if (interrupts.signal.aborted) return;
        const onStep = (step: EraseStep): void => void steps.set(meant, step);
        const onKnown = (known: KnownSoFar): void => {
          const isNew = known.stored.length > 0 && underWay.get(meant)?.stored !== known.stored;
          underWay.set(meant, known);
          if (isNew) receipt.stored(known);
        };
        const watch = { onStep, onKnown };
        const item = await (dryRun
          ? wouldErase(places, meant, watch)
          : eraseWebhook(places, meant, options.wait * 1_000, watch));
        steps.delete(meant);
        underWay.delete(meant);
        items.push(item);
        receipt.item(item);
        waits.show();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, eraseNext));
  } finally {
    waits.end();
    interrupts.release();
  }
  const failed = conclude(receipt, items, all.length, work);
  if (interrupts.signal.aborted) return EXIT.interrupted;
  return failed > 0 ? EXIT.failed : EXIT.ok;
}

/** Ends the receipt, and says what came of all. Returns how many failed. */
function conclude(
  receipt: Receipt,
  items: readonly ErasedWebhook[],
  of: number,
  { options, terminal, open, place }: Work,
): number {
  const dryRun = !options.yes;
  const { counts, words } = countOutcomes(items, ['erased', 'would', 'nothing', 'failed']);
  const at = new Date().toISOString();
  const { namespace, address } = open;
  const left = of - items.length;
  receipt.end({ at, counts, left });
  const untouched = left === 0 ? '' : `; ${left} left untouched`;
  const found = countsInWords(words, items, options.account);
  terminal.say(`${at}, namespace ${namespace} at ${address}, log ${place}: ${found}${untouched}`);
  if (dryRun && counts.would > 0) terminal.say('nothing was changed: add --yes to delete');
  // What could not be deleted whole may have lost its runs, and its objects are known here only.
  if (!dryRun && items.some(({ outcome, stored }) => outcome === 'erased' || stored.length > 0)) {
    for (const each of notReached(items)) terminal.say(`not reached: ${each}`);
  }
  return counts.failed;
}

/** `none` is a choice that is made in words, as for the worker. */
async function withLogOrNone<T>(
  target: DbTarget,
  env: Env,
  use: (log: PostgresDeliveryLog | undefined, place: string) => Promise<T>,
): Promise<T> {
  if (filled(target.url ?? env['TOPCALLS_DATABASE_URL']) === 'none') return use(undefined, 'none');
  return withLog(target, env, ({ log, place }) => use(log, place));
}
