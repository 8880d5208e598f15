/** Runs `reconcile`. */
import type { Reconciled, ReconcileProgress } from '../../../client/reconcile.ts';
import { given } from '../../../contract/given.ts';
import { withLog, type DbTarget } from '../db/open.ts';
import { refuseEmptyWindow } from '../window.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { catchInterrupts } from '../../process/interrupts.ts';
import { tabbed } from '../../process/tabbed.ts';
import { withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';
import { reconciledCounts } from './counts.ts';

const WORDS: Readonly<Record<Reconciled['outcome'], string>> = {
  written: 'recorded',
  missing: 'missing from the log',
  present: 'in the log already',
  open: 'still open: a newer run of the same id goes on; reconcile again when it has ended',
  unreadable: 'unreadable',
  failed: 'failed, reconcile again',
};

/** Options of `reconcile`. */
export type ReconcileCommandOptions = DbTarget & {
  readonly namespace?: string;
  readonly since?: string;
  readonly until?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
};

/** Goes through the closed runs. Rejects with CliError. Resolves with 1 if reading or writing failed for a run, or
 *  if a run could not be decoded: its records may be missing. */
export async function runReconcile(options: ReconcileCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { namespace, since, until, dryRun, json } = options;
  refuseEmptyWindow(options, Date.now());
  return withLog(options, terminal.env, async ({ log, place }) =>
    withClient(terminal.env, namespace, async ({ webhooks, namespace: where }) => {
      // Asked first: without a closed run the log is not needed, and a daily job with a wrong URL would look healthy.
      await log.list({ limit: 1 });
      let found = 0;
      const items: Reconciled[] = [];
      const interrupts = catchInterrupts({ onlyReads: dryRun });
      const onReconciled = (item: Reconciled): void => {
        items.push(item);
        if (item.outcome === 'written' || item.outcome === 'missing') found += 1;
        if (!json && item.outcome !== 'present') terminal.data(inLine(item));
      };
      const onProgress = ({ runs, of }: ReconcileProgress): void => {
        // What is written is written. Another run finds the rest.
        interrupts.signal.throwIfAborted();
        const total = of === undefined ? '' : ` of ${of}`;
        terminal.live(`reconciling: ${runs}${total} closed runs looked at, ${found} missing records found`);
      };
      try {
        await webhooks.reconcile(log, { ...given({ since, until }), dryRun, onReconciled, onProgress });
      } catch (error) {
        if (!interrupts.signal.aborted) throw error;
      } finally {
        interrupts.release();
      }
      const isCut = interrupts.signal.aborted;
      const { counts, words, isIncomplete } = reconciledCounts(items);
      if (json) terminal.data(JSON.stringify({ dryRun, ...counts, ...(isCut && { isCut }), items }, undefined, 2));
      terminal.say(`namespace ${where}, ${place}: ${words}${isCut ? '; interrupted, run it again for the rest' : ''}`);
      return isCut ? EXIT.interrupted : isIncomplete ? EXIT.failed : EXIT.ok;
    }),
  );
}

function inLine({ workflowId, record, outcome, problem }: Reconciled): string {
  const delivery = record === undefined ? '-' : `${record.webhookId} cycle ${record.cycle} ${record.state}`;
  return tabbed(workflowId, delivery, problem === undefined ? WORDS[outcome] : `${WORDS[outcome]}: ${problem}`);
}
