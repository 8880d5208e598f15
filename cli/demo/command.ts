/** `topcalls-webhooks demo`: the whole module in half a minute, on a real Temporal server. Leaves nothing behind. */
import { Command, InvalidArgumentError } from 'commander';
import type { Terminal } from '../process/terminal.ts';
import type { DemoOptions } from './run.ts';

// 30 makes waits of 2, 10, 30 and 120 s. Two 503 then cost 12 s, about as long as the other call's settle delay.
const DEFAULT_SPEED = 30;
// Above it every wait would be the shortest one, 1 s.
const MAX_SPEED = 3_600;

const HELP = `
Finds a Temporal server (TEMPORAL_ADDRESS, a profile, 127.0.0.1:7233) or starts one with its Web UI. Then it runs a
worker and a receiver, and ends four calls: one with a late summary, one that failed, one whose receiver answers 503
twice, and one that is cancelled by signal in the middle of its ladder. Nothing keeps running.

Exit codes: 0 every call ended as promised, 1 one did not, 3 no Temporal server, 130 interrupted.

Examples:
  $ topcalls-webhooks demo
  $ topcalls-webhooks demo --speed 60       the second retry after 5 s instead of 5 min
  $ topcalls-webhooks demo --keep-open      look at the runs in the Web UI afterwards, until Ctrl-C
  $ topcalls-webhooks demo --json | jq '.[].state'`;

/** The command; `ended` gets its exit code. */
export function demoCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('demo')
    .description('play four calls and show what becomes of their webhooks')
    .option('--speed <times>', 'how many times faster than the real ladder, 1–3600', parseSpeed, DEFAULT_SPEED)
    .option('--keep-open', 'keep server and Web UI up afterwards, until Ctrl-C', false)
    .option('--own-server', 'start a server even where one runs already', false)
    .option('--json', 'print the final states as JSON instead of a table', false)
    .addHelpText('after', HELP)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./run.ts');
      ended(await runDemo(options, terminal));
    });
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (text.trim() !== '' && speed >= 1 && speed <= MAX_SPEED) return speed;
  throw new InvalidArgumentError('It must be a number from 1 to 3600.');
}
