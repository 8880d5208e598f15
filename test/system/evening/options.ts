/** What `npm run evening` takes, nothing but the wish for help, and what it says when the evening is there. */
import { parseArgs } from 'node:util';

/** Printed for `--help`. */
export const EVENING_HELP = `npm run evening: an evening to practise docs/operate.md on

Starts a Temporal server with Web UI, PostgreSQL, two workers and ten kinds of receivers, all on this machine. 150 calls
end; workers are killed, runs are terminated, cancelled and reset, and the database is away for 20 s. After about two
minutes it prints the environment for the commands of docs/operate.md, as lines to paste, and how to call them. It
stays until Ctrl-C, then removes everything. It takes no options but --help.
`;

/** Reads the arguments. Throws for others: a person who mistypes must not start a server. */
export function readEvening(args: readonly string[]): 'help' | 'start' {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h', default: false } } });
  return values.help ? 'help' : 'start';
}

/** What a person needs to go on, as lines to paste into another terminal. With `env` a worker can be started, too. */
export function howToGoOn(evening: {
  readonly env: Readonly<Record<string, string>>;
  readonly webUiUrl: string;
  readonly metrics: string;
  readonly logFile: string;
  readonly workerPid: number;
}): string {
  const { env, webUiUrl, metrics, logFile, workerPid } = evening;
  return `# Paste into another terminal, in this clone:
${Object.entries(env)
  .map(([name, value]) => `export ${name}='${value}'`)
  .join('\n')}
# Once per clone: npm run build. Then, for example:
#   npx topcalls-webhooks endpoints --unhealthy
#   npx topcalls-webhooks worker --check
# Web UI: ${webUiUrl}
# the worker that works on: kill -TERM ${workerPid} stops it, as a deploy does
# metrics of the worker: http://${metrics}/metrics
# log of the workers, one after the other: ${logFile}
# Ctrl-C here ends the evening and removes everything.
`;
}
