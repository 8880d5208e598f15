/** `npm run endpoints-scale`: the health of 200 endpoints with 10,000 waiting runs. See the README beside it. */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { endpointsCommand } from '../../../cli/commands/endpoints/command.ts';
import { endpointIdOf } from '../../../client/delivery-ids.ts';
import { SEARCH_KEYS, startOptions } from '../../../client/start-options.ts';
import { aFailedCall, aRunInput } from '../../support/builders.ts';
import { runInProcess } from '../../support/in-process-cli.ts';
import { startReceiver } from '../../support/receiver.ts';
import { openOwnStage, type Stage } from '../../support/stage.ts';
import { waitFor } from '../../support/wait-for.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, real: { type: 'string', default: '400' } },
});
const RUNS = Number(values.runs);
/** Runs that a worker brings to their wait. The others are only started, and look the same in the list. */
const REAL = Math.min(RUNS, Number(values.real));
const ENDPOINTS = 200;
const ACCOUNTS = 50;
/** Calls reported at the same time. */
const AT_ONCE = 20;
/** On a busy machine the report of a failed attempt may be lost: its run waits, and the list shows it as started. */
const ENOUGH = 0.99;
/** The limit, ms. */
const LIMIT_MS = 10_000;

type Answer = {
  readonly endpoints: readonly { readonly state: string; readonly waiting: number; readonly host?: string }[];
  readonly sample: { readonly read: number };
};

async function main(): Promise<void> {
  const receiver = await startReceiver(503);
  const stage = await openOwnStage({ webhooks: { retryDelaysMs: [21_600_000], startTimeoutMs: 60_000 } });
  try {
    for (let from = 0; from < RUNS; from += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, RUNS - from) }, (_, index) => from + index);
      await Promise.all(
        batch.map((n) => (n < REAL ? report(stage, call(n, receiver.url)) : startOnly(stage, n, receiver.url))),
      );
      if (from % 1_000 === 0) process.stderr.write(`reported ${from} of ${RUNS}\n`);
    }
    const waiting = `ExecutionStatus = 'Running' AND WebhookState = 'retrying'`;
    let waits = 0;
    const all = async (): Promise<boolean> => {
      const { count } = await stage.client.workflow.count(waiting);
      process.stderr.write(`waiting: ${count} of ${RUNS}\n`);
      waits = count;
      return count >= RUNS * ENOUGH;
    };
    await waitFor('every run to wait', all, 900_000);
    const listMs = await took(async () => {
      let listed = 0;
      for await (const _ of stage.client.workflow.list({ query: waiting, pageSize: 1_000 })) listed += 1;
      if (listed < waits) throw new Error(`${listed} of ${waits} runs are listed`);
    });
    const env = { TEMPORAL_ADDRESS: stage.server.address };
    let stdout = '';
    const commandMs = await took(async () => {
      ({ stdout } = await runInProcess(endpointsCommand, ['--json', '--limit', '1000'], env));
    });
    const { endpoints, sample } = JSON.parse(stdout) as Answer;
    const counted = endpoints.reduce((sum, each) => sum + each.waiting, 0);
    const failing = endpoints.filter(({ state, host }) => state === 'failing' && host !== undefined).length;
    console.log(
      `${RUNS} waiting runs: plain list ${seconds(listMs)}, endpoints ${seconds(commandMs)}; ` +
        `${failing} of ${ENDPOINTS} endpoints failing with host, ${counted} waiting, ${sample.read} runs read`,
    );
    process.exitCode = commandMs <= LIMIT_MS && counted >= waits - sample.read && failing === ENDPOINTS ? 0 : 1;
  } finally {
    await stage.close();
    await receiver.close();
  }
}

async function report({ webhooks }: Stage, ended: ReturnType<typeof call>): Promise<void> {
  await webhooks.callEnded(ended);
}

/** A run that no worker takes up, with the search attributes of one that waits. */
async function startOnly({ client }: Stage, n: number, receiver: string): Promise<void> {
  const { webhook_url, account_id } = call(n, receiver);
  const [url, accountId] = [String(webhook_url), String(account_id)];
  const endpoint = { endpointId: endpointIdOf(url), webhookId: `msg_${n}`, url, host: '127.0.0.1' };
  const options = startOptions(
    `call-webhook/scale-${n}`,
    aRunInput({ event: 'call.failed', endpoints: [endpoint], accountId }),
  );
  const typedSearchAttributes = options.typedSearchAttributes.map((pair) =>
    pair.key.name === SEARCH_KEYS.state.name ? { key: SEARCH_KEYS.state, value: 'retrying' } : pair,
  );
  await client.workflow.start('callWebhook', { ...options, typedSearchAttributes, taskQueue: 'nobody' });
}

function call(n: number, url: string) {
  return aFailedCall({
    call_id: `scale-${n}`,
    account_id: `acct-${n % ACCOUNTS}`,
    webhook_url: `${url}?e=${n % ENDPOINTS}`,
  });
}

async function took(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
