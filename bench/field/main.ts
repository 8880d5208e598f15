/**
 * `npm run bench:field`: ours beside an empty workflow, a naive one, two hand-tuned ones of the same shape, BullMQ and
 * DBOS. All get the same calls for the same receivers in turns, so that a machine that gets slower does so for all, and
 * every figure is the median of the rounds' ratios. It prints its section and writes it into docs/benchmarks.md.
 *
 * `--compose` takes the real Temporal server with PostgreSQL in place of the development server, and writes another
 * section. These write nothing: `--quick` for trying out, `--bursts` for calls/s and processor time alone, `--only
 * REGEX` for some of the contestants, `--beside DIST` for another build of ours beside this one, and other numbers of
 * `--rounds`, or of `--seconds` of their streams, from which lateness comes. It needs Linux, what `npm run build`
 * makes, Debian's redis-server, and for `--compose` Go once. A whole run takes about half an hour.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScript } from '../../test/support/run-script.ts';
import { playInFolder, type SystemRun } from '../../test/support/system-run.ts';
import { withSection } from '../page-section.ts';
import { contestants } from './contestants.ts';
import { measure, type Sizes } from './measure.ts';
import { microseconds } from './microseconds.ts';
import { installPackages } from './packages.ts';
import { sectionOf } from './section.ts';
import { startServers } from './servers.ts';
import { verdictsOf } from './verdicts.ts';

const PAGE = join(__dirname, '../../docs/benchmarks.md');
const DIST = join(__dirname, '../../dist');
const WHOLE: Sizes = { calls: 120, rounds: 4, settleMs: 7_000, seconds: 10, waiting: 300 };
/** PostgreSQL takes longer to start calls. */
const WHOLE_ON_COMPOSE: Sizes = { ...WHOLE, calls: 100 };
const QUICK: Sizes = { calls: 60, rounds: 2, settleMs: 5_000, seconds: 5, waiting: 100 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      compose: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      beside: { type: 'string' },
      bursts: { type: 'boolean', default: false },
    },
  });
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const whole = values.compose ? WHOLE_ON_COMPOSE : WHOLE;
  const given = values.quick ? QUICK : whole;
  const rounds = Number(values.rounds ?? given.rounds);
  if (rounds % 2 !== 0) throw new Error('--rounds must be even: half of them are played by other processes');
  const seconds = values.bursts ? 0 : Number(values.seconds ?? given.seconds);
  const sizes = { ...given, rounds, seconds };
  const isWhole = seconds === whole.seconds && rounds === whole.rounds;
  const isForThePage = isWhole && !values.quick && values.only === undefined && values.beside === undefined;
  await installPackages(say);
  const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const exitCode = await playInFolder({ name: 'field', say, tidy }, async (run: SystemRun) => {
    const servers = await startServers(run, values.compose);
    const only = new RegExp(values.only ?? '');
    const all = contestants(servers, DIST, values.beside).filter(({ name }) => only.test(name));
    const { findings, perSecond } = await measure(all, servers, sizes, say);
    const bad = await servers.receivers.ask<number>({ ask: 'bad' });
    if (bad > 0) throw new Error(`${bad} POSTs had a wrong signature`);
    const verdicts = verdictsOf(findings);
    const section = await sectionOf({ findings, verdicts, sizes, perSecond, servers, micro: await microseconds() });
    console.log(section.text);
    if (isForThePage) writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), section));
    return verdicts.every(({ holds }) => holds) ? 0 : 1;
  });
  if (exitCode === undefined) throw new Error('interrupted');
  return exitCode;
}

void runScript(main);
