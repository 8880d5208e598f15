/** `topcalls-webhooks db …`: the delivery log in PostgreSQL, its schema and its records. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { FINAL_STATES, type DeliveryState } from '../../../contract/delivery-state.ts';
import { EVENT_NAMES } from '../../../contract/event-types.ts';
import type { DbOptions } from './open.ts';
import type { ListCommandOptions } from './read.ts';
import type { PruneCommandOptions, StatusCommandOptions } from './run.ts';
import { readReasons } from '../reason-option.ts';
import { SAFE_OUTPUT } from '../../process/screen-text.ts';
import { readCount } from '../../process/option-readers.ts';
import type { Terminal } from '../../process/terminal.ts';
import { readMoment, readSpanMs } from '../../process/time-span.ts';

const HELP = `
The database is TOPCALLS_DATABASE_URL. (Other users of this machine can read --url in the process list.)
The schema is TOPCALLS_DATABASE_SCHEMA, else topcalls_webhooks. Needs the packages pg and kysely.

Examples:
  $ topcalls-webhooks db plan > deliveries.sql        the SQL, for a DBA; needs no database
  $ topcalls-webhooks db migrate
  $ topcalls-webhooks db status --since 7d            up to date? and what did an outage of the log cost?
  $ topcalls-webhooks db list --state failed --state gone --since 1d
  $ topcalls-webhooks db list --endpoint https://crm.example.com/hook --reason http_503
  $ topcalls-webhooks db show msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a
  $ topcalls-webhooks db prune --older-than 90d --dry-run

Exit codes: 0 done, 1 failed or not found, 2 wrong arguments or environment, 3 no PostgreSQL server.`;

const EXIT_CODES = '\nExit codes: 0 done, 1 failed, 2 wrong arguments or environment, 3 no PostgreSQL server.';

const LIST_HELP = `
A delivery is recorded when it ends. Of what still runs: topcalls-webhooks status <call_id>.

Examples:
  $ topcalls-webhooks db list --call call-1
  $ topcalls-webhooks db list --state failed --state gone --since 1d
  $ topcalls-webhooks db list --endpoint https://crm.example.com/hook --reason http_503 --json

Exit codes: 0 done, also if no record fits, 1 failed, 2 wrong arguments or environment, 3 no PostgreSQL server.`;

const SHOW_HELP = `
Prints every redelivery of the webhook, the first one first, each with all its attempts.

Examples:
  $ topcalls-webhooks db list --call call-1            has the webhook ids of a call
  $ topcalls-webhooks db show msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a
  $ topcalls-webhooks db show msg_Zk3v0cVb1m2Qw8Yt5xLrPq7a --json

Exit codes: 0 done, 1 failed or not found, 2 wrong arguments or environment, 3 no PostgreSQL server.`;

/** The command; `ended` gets its exit code. */
export function dbCommand(terminal: Terminal, ended: (code: number) => void): Command {
  const plan = subcommand('plan', 'print the SQL that migrate would run; change nothing').action(
    async (options: DbOptions) => ended(await (await import('./run.ts')).runPlan(options, terminal)),
  );
  const migrate = subcommand(
    'migrate',
    'bring the schema up to date; safe to repeat, also from many places at once',
  ).action(async (options: DbOptions) => ended(await (await import('./run.ts')).runMigrate(options, terminal)));
  const status = subcommand('status', 'show migrations, applied and pending, and what outages of the log cost')
    .option('--since <time>', 'outages since: 12h, 7d, or 2026-06-01 (default: 1d)', readMoment)
    .option('--late-by <span>', 'a record is late if it comes so long after the end (default: 10s)', readSpanMs)
    .action(async (options: StatusCommandOptions) =>
      ended(await (await import('./run.ts')).runStatus(options, terminal)),
    );
  const prune = subcommand('prune', 'delete the records of deliveries that ended long ago')
    .requiredOption('--older-than <span>', 'how long ago, e.g. 90d', readSpanMs)
    .option('--batch <count>', 'records per transaction (default: 1000)', readCount)
    .option('--dry-run', 'count them, delete nothing', false)
    .option('--yes', 'also with a span below a day', false)
    .action(async (options: PruneCommandOptions) =>
      ended(await (await import('./run.ts')).runPrune(options, terminal)),
    );
  const list = subcommand('list', 'list final states, latest first')
    .option('--state <state>', `final state; repeat it for several: ${FINAL_STATES.join(', ')}`, readStates)
    .option('--reason <code>', 'reason code of the end, e.g. http_503 or http_5xx; repeat it for several', readReasons)
    .option('--endpoint <id or url>', 'endpoint: ep_…, or its whole URL, which stays on this machine')
    .option('--call <id>', 'call id')
    .option('--campaign <id>', 'campaign id')
    .option('--account <id>', 'account id')
    .addOption(new Option('--event <name>', 'event name').choices(EVENT_NAMES))
    .option('--since <time>', 'ended since: 12h, 1d, or 2026-06-01', readMoment)
    .option('--until <time>', 'ended before', readMoment)
    .option('--started-since <time>', 'started since', readMoment)
    .option('--started-until <time>', 'started before', readMoment)
    .option('--limit <count>', 'records, up to 1000 (default: 50)', readCount)
    .option('--after <cursor>', 'continue after a page: its "next"')
    .addHelpText('after', LIST_HELP)
    .action(async (options: ListCommandOptions) => ended(await (await import('./read.ts')).runList(options, terminal)));
  const show = subcommand('show', 'show one webhook with its redeliveries and every attempt')
    .argument('<webhook-id>', 'msg_…, as status, db list and the receiver show it')
    .addHelpText('after', SHOW_HELP)
    .action(async (webhookId: string, options: DbOptions) =>
      ended(await (await import('./read.ts')).runShow(webhookId, options, terminal)),
    );
  const db = new Command('db').description('the delivery log in PostgreSQL').addHelpText('after', HELP);
  for (const command of [plan, migrate, status, prune]) command.addHelpText('after', EXIT_CODES);
  for (const command of [plan, migrate, status, prune, list, show]) db.addCommand(command);
  return db;
}

/** One value of `--state`, behind those of before. */
function readStates(text: string, before: readonly DeliveryState[] = []): readonly DeliveryState[] {
  const state = FINAL_STATES.find((each) => each === text);
  if (state === undefined) throw new InvalidArgumentError(`Allowed choices are ${FINAL_STATES.join(', ')}.`);
  return [...before, state];
}

function subcommand(name: string, description: string): Command {
  return (
    new Command(name)
      .description(description)
      .option('--url <url>', 'postgres://user:password@host:5432/database (default: TOPCALLS_DATABASE_URL)')
      .option('--schema <name>', 'schema (default: TOPCALLS_DATABASE_SCHEMA, else topcalls_webhooks)')
      .option('--json', 'print the outcome as JSON', false)
      // Commander inherits nothing two levels down. Without these a wrong option would end the process with 1.
      .exitOverride()
      .configureOutput(SAFE_OUTPUT)
      .showHelpAfterError('(add --help for what is possible)')
  );
}
