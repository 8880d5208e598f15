/**
 * `npm run bench:fairness`: how long a small customer waits beside a large one. A large account has 2,000 calls
 * waiting, a small one 10, on 20 activity slots. The ratio is the small one's median wait to the time in which the
 * large one's queue drains. One run measures a server with fairness, as `dev` starts it, and one without.
 * `--calls N` makes the queue smaller.
 */
import { parseArgs } from 'node:util';
import { startReceiver } from '../test/support/receiver.ts';
import { aFailedCall } from '../test/support/builders.ts';
import { runScript } from '../test/support/run-script.ts';
import type { Closers } from '../test/support/run-script.ts';
import { openStage } from '../test/support/stage.ts';
import { findTemporalCli, startOwnServer } from '../test/support/temporal-server.ts';
import { SEARCH_ATTRIBUTES } from '../contract/server-names.ts';

const SLOTS = 20;
const SMALL = 10;
const ANSWER_MS = 100;
const OFF = ['--dynamic-config-value', 'matching.enableFairness=false'];

async function main(closers: Closers): Promise<number> {
  const { values } = parseArgs({ options: { calls: { type: 'string', default: '2000' } } });
  const binary = await findTemporalCli((line) => console.error(line));
  const fair = await measured(binary, [], Number(values.calls), closers);
  const unfair = await measured(binary, OFF, Number(values.calls), closers);
  const throughput = unfair.drainMs / fair.drainMs;
  console.log(JSON.stringify({ fair, unfair, throughput: round(throughput) }, null, 1));
  const holds = fair.share <= 0.25 && throughput >= 0.9;
  console.log(holds ? 'holds: share <= 0.25, throughput >= 0.9' : 'does not hold: share <= 0.25, throughput >= 0.9');
  return holds ? 0 : 1;
}

async function measured(binary: string, args: readonly string[], calls: number, closers: Closers) {
  const server = await startOwnServer({ binary, args, searchAttributes: SEARCH_ATTRIBUTES });
  closers.push(() => server.stop());
  const receiver = await startReceiver((response) => setTimeout(() => response.writeHead(200).end(), ANSWER_MS));
  closers.push(() => receiver.close());
  const stage = await openStage({ address: server.address, worker: false });
  closers.push(() => stage.close());
  const report = (account_id: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        stage.webhooks.callEnded(
          aFailedCall({ webhook_url: `${receiver.url}/${account_id}`, account_id, secret_ref: 'main' }),
        ),
      ),
    );
  for (let begun = 0; begun < calls; begun += 100) await report('acct_large', Math.min(100, calls - begun));
  await report('acct_small', SMALL);
  // Eager dispatch would pass the queue by; a queue that waits is what fairness is about.
  const temporal = { maxConcurrentActivityTaskExecutions: SLOTS };
  const startedAt = Date.now();
  const worker = await stage.startWorker({ temporal });
  await receiver.received(calls + SMALL);
  await worker.stop();
  const waits = (account: string) =>
    receiver.requests.filter(({ path }) => path.endsWith(account)).map(({ at }) => at - startedAt);
  const drainMs = Math.max(...waits('acct_large'));
  const medianMs = waits('acct_small').toSorted((one, other) => one - other)[SMALL / 2] ?? Number.NaN;
  return { drainMs, share: round(medianMs / drainMs) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

void runScript(main);
