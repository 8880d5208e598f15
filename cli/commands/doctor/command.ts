/** `topcalls-webhooks doctor`: what is wrong with the installation, what it means, which command helps. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { usageError } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { readSpanMs } from '../../process/time-span.ts';
import type { DoctorOptions } from './run.ts';

const HELP = `
Looks at server, namespace, search attributes, task queue, workers, open runs, delivery log, secrets file and keys. Each
finding is trouble (webhooks do not go out, or outcomes are not kept) or a warning, with the command that helps and some
workflow ids. It changes nothing about webhooks. The server's list of workers shows dead ones for five minutes, so the
doctor also asks a worker about a run. To see whether the server is fair, it starts a probe workflow on a task queue of
its own, then terminates and deletes it. --no-probe leaves both out.

Open runs are counted and listed by the server. At most 500 of them are described, so it takes seconds also with 10,000.
Closed runs are compared with the delivery log, at most 2,000; if more are unrecorded, the doctor says "at least".

Examples:
  $ topcalls-webhooks doctor
  $ topcalls-webhooks doctor --json | jq '.findings[] | .code'
  $ topcalls-webhooks doctor --listen 127.0.0.1:9465
  $ topcalls-webhooks doctor --metrics > /var/lib/node_exporter/topcalls-webhooks.prom

Exit codes: 0 no trouble (there may be warnings), 1 trouble, 2 wrong arguments or environment, 3 no Temporal server.`;

const HOUR_MS = 3_600_000;

/** The command; `ended` gets its exit code. */
export function doctorCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('doctor')
    .description('say what is wrong with the installation, and what helps')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")')
    .option('--task-queue <name>', 'task queue of the workers (default: TOPCALLS_TASK_QUEUE, else topcalls-webhooks)')
    .option('--url <url>', 'postgres://user:password@host:5432/database (default: TOPCALLS_DATABASE_URL)')
    .option('--schema <name>', 'schema (default: TOPCALLS_DATABASE_SCHEMA, else topcalls_webhooks)')
    .addOption(
      new Option('--window <span>', 'compare runs with the log that closed within: 2h, 1d')
        .argParser(readSpanMs)
        .default(6 * HOUR_MS, '6h'),
    )
    .option('--no-probe', 'ask no worker, and start no probe workflow')
    .option('--metrics', 'print Prometheus text; implies --no-probe', false)
    .option('--listen <address>', 'serve the metrics, e.g. 127.0.0.1:9465', readAddress)
    .addOption(
      new Option('--interval <span>', 'with --listen: look at most once per span')
        .argParser(readSpanMs)
        .default(30_000, '30s'),
    )
    .option('--json', 'print everything as JSON', false)
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions, command: Command) => {
      refuseWithoutEffect(options, command);
      const { runDoctor } = await import('./run.ts');
      ended(await runDoctor(options, terminal));
    });
}

/** One of them would be ignored. Throws CliError `bad_option`. */
function refuseWithoutEffect({ json, metrics, listen }: DoctorOptions, command: Command): void {
  if ([json, metrics, listen !== undefined].filter(Boolean).length > 1)
    throw usageError('--json, --metrics and --listen exclude each other');
  if (listen === undefined && command.getOptionValueSource('interval') === 'cli')
    throw usageError('--interval is about --listen: give both');
}

/** `127.0.0.1:9465` or `[::]:9465`. */
function readAddress(text: string): { readonly host: string; readonly port: number } {
  const [, v6, v4, port = ''] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? v4;
  if (host === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('Give an IP address and a port to listen on, like 127.0.0.1:9465 or [::]:9465.');
  }
  return { host, port: Number(port) };
}
