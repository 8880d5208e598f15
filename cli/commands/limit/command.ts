/** `topcalls-webhooks limit show|set|unset`: how many attempts go out per second, and who has which share. */
import { Command } from 'commander';
import { SAFE_OUTPUT } from '../../process/screen-text.ts';
import type { Terminal } from '../../process/terminal.ts';
import { readAccount, readRate, readReason, readWeight } from './read-options.ts';
import type { LimitOptions, SetOptions, UnsetOptions } from './run.ts';

const EXIT_CODES = 'Exit codes: 0 done, 1 refused or failed, 2 wrong arguments or environment, 3 no Temporal server.';

const HELP = `
Limits of a task queue are kept by the Temporal server, which hands out no more activities per second to all workers
together. Attempts that wait for a limit spend nothing of the ladder. A limit holds for runs that start 30 s later or
more: clients ask that seldom, and then start runs whose first attempts the server counts.

What counts is every activity of an account: an attempt, a poll for late artifacts, a record that the log did not take
at once. An endpoint without an account has a limit of its own, by its id (ep_…). A second without activities may be
followed by twice the rate, for a second.

Examples:
  $ topcalls-webhooks limit show
  $ topcalls-webhooks limit set --per-account 50/s --weight acct_big=5 --reason 'ticket 4711'
  $ topcalls-webhooks limit set --queue 500/s --dry-run
  $ topcalls-webhooks limit unset --weight acct_big
  $ topcalls-webhooks limit unset --all

${EXIT_CODES}`;

const SET_HELP = `
What is not named stays as it is. A rate is a count per s, min or h: 50/s, 300/min, 10/h. The rate of an account is
--per-account times its weight, 1 if it has none. Weights also share the workers among accounts that wait.

--per-account and --weight need a server with fairness: the command tries it with a probe workflow on a task queue of
its own, and refuses without. --force sets them all the same, also for a task queue that no worker polls yet.`;

/** The command; `ended` gets its exit code. */
export function limitCommand(terminal: Terminal, ended: (code: number) => void): Command {
  const show = subcommand('show', 'show what is set').action(async (options: LimitOptions) =>
    ended(await (await import('./run.ts')).runShow(options, terminal)),
  );
  const set = subcommand('set', 'set limits and weights')
    .option('--per-account <rate>', 'activities of each account, times its weight: 50/s', readRate)
    .option('--queue <rate>', 'activities of the whole task queue: 500/s', readRate)
    .option('--weight <account=weight>', 'weight of an account, 0.001 to 1000; repeat it for several', readWeight)
    .option('--reason <text>', 'why; the server keeps it beside the rates', readReason, '')
    .option('--force', 'without a worker on the task queue, and without fairness', false)
    .option('--dry-run', 'show what would change, and change nothing', false)
    .addHelpText('after', SET_HELP)
    .action(async (options: SetOptions) => ended(await (await import('./run.ts')).runSet(options, terminal)));
  const unset = subcommand('unset', 'remove limits and weights')
    .option('--per-account', 'the limit of each account', false)
    .option('--queue', 'the limit of the whole task queue', false)
    .option('--weight <account>', 'the weight of an account; repeat it for several', readAccount)
    .option('--all', 'everything', false)
    .option('--reason <text>', 'why; the server keeps it', readReason, '')
    .option('--dry-run', 'show what would change, and change nothing', false)
    .action(async (options: UnsetOptions) => ended(await (await import('./run.ts')).runUnset(options, terminal)));
  const limit = new Command('limit').description('limit attempts per second, and weigh accounts');
  for (const command of [show, set, unset]) limit.addCommand(command.addHelpText('after', `\n${EXIT_CODES}`));
  return limit.addHelpText('after', HELP);
}

function subcommand(name: string, description: string): Command {
  return (
    new Command(name)
      .description(description)
      .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
      .option('--task-queue <name>', 'task queue of the workers (default: TOPCALLS_TASK_QUEUE, else topcalls-webhooks)')
      .option('--json', 'print the outcome as JSON', false)
      // Commander inherits nothing two levels down. Without these a wrong option would end the process with 1.
      .exitOverride()
      .configureOutput(SAFE_OUTPUT)
      .showHelpAfterError('(add --help for what is possible)')
  );
}
