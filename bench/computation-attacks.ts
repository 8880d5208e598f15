/**
 * `npm run bench:attacks`: what computation attacks cost the sender, as ratios to a hundred good receivers of the
 * same run. It prints the table and writes it into docs/limits.md. It fails if an attack holds the event loop more
 * than five times as long, or delays the slowest good neighbour more than three times. Run it on a quiet machine.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { COMPUTATION_ATTACKS, COSTLIEST_CHAIN, playComputationLab } from '../test/support/computation-lab.ts';
import { runScript } from '../test/support/run-script.ts';

const PAGE = join(__dirname, '../docs/limits.md');
const HEADING = '## What attacks cost';
const MOST_STALL = 5;
const MOST_DELAY = 3;

async function main(): Promise<number> {
  const seen = await playComputationLab([...COMPUTATION_ATTACKS, COSTLIEST_CHAIN]);
  const rows = seen.map(({ name, stallRatio, neighbourRatio, cpuRatio }) => {
    return `| ${[name, ...[stallRatio, neighbourRatio, cpuRatio].map((ratio) => ratio.toFixed(1))].join(' | ')} |`;
  });
  const table = [
    '| attack | longest stall of the event loop | slowest good neighbour | processor time |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
  process.stdout.write(`${table}\n`);
  writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), table));
  const tooMuch = seen.filter((attack) => attack.stallRatio > MOST_STALL || attack.neighbourRatio > MOST_DELAY);
  for (const { name } of tooMuch) process.stderr.write(`too much: ${name}\n`);
  return tooMuch.length === 0 ? 0 : 1;
}

/** The page with its last section made anew. */
function withSection(page: string, table: string): string {
  const [before = ''] = page.split(HEADING);
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim().split(/\s+/).slice(0, 2).join(' ')}`;
  return `${before.trimEnd()}

${HEADING}

Written by \`npm run bench:attacks\`; do not edit. A hundred attempts at each attack at once, and twenty at a good
neighbour meanwhile, as multiples of a hundred attempts at good receivers in the same run. The bounds are
${MOST_STALL} for the stall and ${MOST_DELAY} for the neighbour.

${table}

Node ${process.version}; ${machine}; ${day}.
`;
}

void runScript(main);
