/** Runs `reconcile`. */
import type { Reconciled } from '../../../client/reconcile.ts';
import { given } from '../../../contract/given.ts';
import { countOutcomes } from '../../process/count-outcomes.ts';
import { withLog, type DbTarget } from '../db/open.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { tabbed } from '../../process/tabbed.ts';
import { withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';

const WORDS: Readonly<Record<Reconciled['outcome'], string>> = {
  written: 'recorded',
  missing: 'missing from the log',
  present: 'in the log already',
  open: 'still open: a newer run of the same id goes on; reconcile again when it has ended',
  unreadable: 'unreadable: its input is not ours',
};

/** Options of `reconcile`. */
export type ReconcileCommandOptions = DbTarget & {
  readonly namespace?: string;
  readonly since?: string;
  readonly until?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
};

/** Goes through the terminated runs. Rejects with CliError. */
export async function runReconcile(options: ReconcileCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { namespace, since, until, dryRun, json } = options;
  return withLog(options, terminal.env, async ({ log, place }) =>
    withClient(terminal.env, namespace, async ({ webhooks, namespace: where }) => {
      // Asked first: without a terminated run the log is not needed, and a daily job with a wrong URL would look
      // healthy.
      await log.list({ limit: 1 });
      let seen = 0;
      const onReconciled = (item: Reconciled): void => {
        seen += 1;
        if (!json && item.outcome !== 'present') terminal.data(inLine(item));
        terminal.live(`reconciling: ${seen} deliveries of terminated runs seen`);
      };
      const items = await webhooks.reconcile(log, { ...given({ since, until }), dryRun, onReconciled });
      const { counts, words } = countOutcomes(items, ['written', 'missing', 'present', 'open', 'unreadable']);
      if (json) terminal.data(JSON.stringify({ dryRun, ...counts, items }, undefined, 2));
      terminal.say(`namespace ${where}, ${place}: ${words === '' ? 'no terminated runs' : words}`);
      return EXIT.ok;
    }),
  );
}

function inLine({ workflowId, record, outcome }: Reconciled): string {
  const delivery = record === undefined ? '-' : `${record.webhookId} cycle ${record.cycle} ${record.state}`;
  return tabbed(workflowId, delivery, WORDS[outcome]);
}
