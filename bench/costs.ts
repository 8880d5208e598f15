/**
 * `npm run bench:costs`: what a run costs, counted on a real development server. Billable actions (the server's own
 * `action` metric), history events, state transitions and history bytes. Counts, not times, so one run is enough. It
 * prints the table and writes it into docs/benchmarks.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { callReports } from '../client/index.ts';
import type { WebhookClientOptions, WebhookHandle, WebhookStatus } from '../client/index.ts';
import { billableActions } from '../test/support/billable-actions.ts';
import { aCallTo, readyArtifacts } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { runScript } from '../test/support/run-script.ts';
import type { Closers } from '../test/support/run-script.ts';
import { openOwnStage } from '../test/support/stage.ts';
import type { Stage } from '../test/support/stage.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { freePort } from '../temporal-server/ports.ts';
import { sectionsOf, withSection } from './page-section.ts';
import { reportCosts } from './report-costs.ts';

const PAGE = join(__dirname, '../docs/benchmarks.md');
const LADDER = [1_000, 1_000, 1_000, 1_000];
/** The first wait is so long that only a person ends it. */
const LONG = [600_000, 1_000, 1_000, 1_000];

type Scenario = (stage: Stage) => Promise<WebhookHandle>;

/** What happens → the run. Its end is waited for afterwards. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'completed call, one endpoint, delivered at once': (stage) => start(stage, 'completed', [[200]]),
  "completed call, settled by the server (`settle: 'startDelay'`)": (stage) =>
    start(stage, 'completed', [[200]], { settle: 'startDelay' }),
  'failed call, delivered at once': (stage) => start(stage, 'failed', [[200]]),
  'completed call, ten endpoints, all delivered at once': (stage) =>
    start(
      stage,
      'completed',
      Array.from({ length: 10 }, () => [200]),
    ),
  'completed call, delivered at the second attempt': (stage) => start(stage, 'completed', [[503, 200]]),
  'completed call, all five attempts fail': (stage) => start(stage, 'completed', [[500]]),
  'failed call, delivered at the second attempt by retryNow': async (stage) => {
    const handle = await waiting(await start(stage, 'failed', [[503, 200]], { retryDelaysMs: LONG }));
    await handle.retryNow();
    return handle;
  },
  'failed call, cancelled by signal after the first attempt': async (stage) => {
    const handle = await waiting(await start(stage, 'failed', [[503]], { retryDelaysMs: LONG }));
    await handle.cancel();
    return handle;
  },
  'failed call, gone (410), then redelivered: both runs': async (stage) => {
    const handle = await start(stage, 'failed', [[410, 200]]);
    await handle.result();
    await handle.redeliver();
    return handle;
  },
};

async function main(closers: Closers): Promise<void> {
  const metricsPort = await freePort();
  const stage = await openOwnStage({
    taskQueue: 'bench-costs',
    webhooks: { settleDelayMs: 1_000 },
    worker: { reports: callReports() },
    server: { args: ['--metrics-port', String(metricsPort)] },
  });
  closers.push(() => stage.close());
  const rows: (string | number)[][] = [];
  for (const [name, play] of Object.entries(SCENARIOS)) {
    const before = await billableActions(metricsPort);
    const handle = await play(stage);
    const { state } = await handle.result();
    const actions = (await billableActions(metricsPort)) - before;
    const { events, transitions, bytes } = await historyOf(stage, handle);
    rows.push([name, state, actions, events, transitions, (bytes / 1_024).toFixed(1)]);
    console.error(`${name}: ${state}, ${actions} actions, ${events} events`);
  }
  const { serverVersion } = await stage.client.workflowService.getSystemInfo({});
  const table = tableOf(rows);
  const reports = reportTable(await reportCosts(stage, stage.server.address, metricsPort));
  const sections = sectionsOf(readFileSync(PAGE, 'utf8'));
  const page = `${pageOf(table, serverVersion)}\n${sections}`;
  writeFileSync(PAGE, withSection(page, { heading: 'What a report from another language costs', text: reports }));
  console.log(`${table}\n\n${reports}`);
}

/** A call with an endpoint for each list of answers, the last of which repeats. */
async function start(
  stage: Stage,
  status: 'completed' | 'failed',
  answers: readonly (readonly number[])[],
  options: WebhookClientOptions = {},
): Promise<WebhookHandle> {
  const receivers = await Promise.all(answers.map((each) => startReceiver(...each)));
  const endpoints = receivers.map(({ url }) => ({ webhook_url: url, secret_ref: 'main' }));
  const call = aCallTo(endpoints, { status });
  stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await stage.webhooksWith({ retryDelaysMs: LADDER, ...options }).callEnded(call);
  if (handle === undefined) throw new Error('no endpoint subscribes to the event, so no run was started');
  return handle;
}

/** The same handle, once the first attempt has failed and the second waits. */
async function waiting(handle: WebhookHandle): Promise<WebhookHandle> {
  const waits = ({ deliveries: [first] }: WebhookStatus): boolean => first?.nextAttemptAt !== undefined;
  await waitFor(`the wait of ${handle.workflowId}`, async () => waits(await handle.status()));
  return handle;
}

/** Events, transitions and bytes over all runs of the id. */
async function historyOf({ client }: Stage, { workflowId }: WebhookHandle) {
  const sum = { events: 0, transitions: 0, bytes: 0 };
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    sum.events += Number(raw.workflowExecutionInfo?.historyLength);
    sum.transitions += Number(raw.workflowExecutionInfo?.stateTransitionCount);
    sum.bytes += Number(raw.workflowExecutionInfo?.historySizeBytes);
  }
  return sum;
}

function tableOf(rows: readonly (readonly (string | number)[])[]): string {
  return [
    '| what happens | ends as | actions | events | state transitions | history KiB |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

function reportTable(rows: Awaited<ReturnType<typeof reportCosts>>): string {
  const lines = rows.map((row) => `| ${row.join(' | ')} |`);
  return [
    "The activity `reportCall` ([from any language](any-language.md)) costs this beside the webhook's run. The call",
    'here has no subscriber, so no run is counted. The server counts no action for an activity without a workflow.',
    'What Temporal Cloud bills for one is in its price list.',
    '',
    '| what | actions | events | state transitions |',
    '|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function pageOf(table: string, serverVersion: string): string {
  const { version: sdk } = require('@temporalio/client/package.json') as { version: string };
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  const date = new Date().toISOString().slice(0, 10);
  return `# What a run costs

Written by \`npm run bench:costs\` (bench/costs.ts); do not edit. These are counts, so they do not depend on the
machine. *Actions* are what Temporal Cloud bills. *State transitions* are what a server of your own spends its time on.
Events count towards Temporal's limit of 51,200 per run.

${table}

The history holds a call's data, artifacts and body, so its size grows with them: about twice the body, and once more the
body for each further endpoint. \`status()\` costs two reads and no action. \`test/integration/cost.test.ts\` holds the
gates that keep these numbers.

Temporal server ${serverVersion}; SDK ${sdk}; Node ${process.version}; ${machine}; ${date}.
`;
}

void runScript(main);
