/** What `npm run evening` takes: nothing but the wish for help. */
import { parseArgs } from 'node:util';

/** Printed for `--help`. */
export const EVENING_HELP = `npm run evening: an evening to practise docs/operate.md on

Starts a Temporal server with Web UI, PostgreSQL, two workers and ten kinds of receivers, all on this machine. 150 calls
end; workers are killed, runs are terminated, cancelled and reset, and the database is away for 20 s. After about two
minutes it prints the environment for the commands of docs/operate.md, as lines to paste. It stays until Ctrl-C, then
removes everything. It takes no options but --help.
`;

/** Reads the arguments. Throws for others: a person who mistypes must not start a server. */
export function readEvening(args: readonly string[]): 'help' | 'start' {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h', default: false } } });
  return values.help ? 'help' : 'start';
}
