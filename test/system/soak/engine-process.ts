/**
 * The call engine and its operators, a process of its own: calls and campaign events end, some reported twice; runs
 * are cancelled, hurried, redelivered, terminated and reset, whatever they are doing. Notes in the ops log what it asked and
 * what it heard: `ok`, `error` (a definite no), or `unknown`. A report without an answer goes out again, as from an
 * outbox. The parent says `stop`; what is under way then ends, and the process with it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '../../../client/index.ts';
import type { CampaignEvent, WebhookClientOptions, WebhookHandle } from '../../../client/index.ts';
import { SIGNALS } from '../../../contract/names.ts';
import { aCallTo } from '../../support/builders.ts';
import type { CustomerServers } from '../../support/customer-servers.ts';
import { logTo } from '../../support/log-file.ts';
import { randomOf } from '../../support/random.ts';
import { SECRET_REF } from '../../support/system-stage.ts';
import { handleOf } from './handle-of.ts';
import type { OpLine } from './log-lines.ts';

export type EngineSettings = {
  readonly calls: number;
  readonly seed: number;
  /** In this time all calls end. */
  readonly spanMs: number;
  readonly policy: WebhookClientOptions;
  readonly hooks: CustomerServers['hooks'];
  /** Temporal's. */
  readonly address: string;
  /** File of the ops log. */
  readonly log: string;
};

/** Something that was reported and may be reported again. */
type Start = { readonly workflowId: string; readonly report: () => Promise<WebhookHandle | undefined> };

const { calls, address, hooks, log, policy, seed, spanMs } = JSON.parse(
  process.env['SOAK_ENGINE'] ?? '{}',
) as EngineSettings;

const note = logTo(log);
const random = randomOf(seed + 1);
const client = new Client({ connection: Connection.lazy({ address }) });
const webhooks = new WebhookClient(client, { ...policy, startTimeoutMs: 3_000, onWarning: () => {} });
const started: Start[] = [];
const stopping = new AbortController();
process.on('message', () => stopping.abort());
process.on('disconnect', () => process.exit(0));

/** Kinds of receivers, as often as each is called. */
const KINDS = {
  good: 14,
  flaky: 26,
  slow: 8,
  slowflaky: 16,
  down: 10,
  hold: 3,
  reset: 4,
  vanish: 6,
  gone: 4,
  hurried: 5,
  redirect: 2,
  dead: 3,
  forbidden: 2,
};
/** What operators do, as often as they do it. */
const OPS = {
  retryNow: 26,
  signalRetryNow: 10,
  cancel: 14,
  cancelEndpoint: 8,
  serverCancel: 5,
  redeliver: 20,
  forceRedeliver: 4,
  terminate: 5,
  reset: 4,
  report: 6,
  status: 8,
};
type Op = keyof typeof OPS;

async function report(): Promise<void> {
  for (let n = 1; n <= calls && !stopping.signal.aborted; n += 1) {
    void startOne(n);
    await delay((spanMs / calls) * 2 * random.next());
  }
}

async function startOne(n: number): Promise<void> {
  const start = n % 10 === 0 ? campaignEvent(n) : endedCall(n);
  for (let attempt = 1; ; attempt += 1) {
    const answers = await Promise.all(
      Array.from({ length: random.chance(0.15) ? 3 : 1 }, () => tried('start', start.workflowId, start.report)),
    );
    const isAccepted = answers.includes('ok');
    if ((attempt === 1 || isAccepted) && !started.includes(start)) started.push(start);
    // Some engines lose their outbox: an unknown start then stays one.
    if (isAccepted || stopping.signal.aborted || random.chance(0.1)) return;
    await delay(1_500);
  }
}

function endedCall(n: number): Start {
  const call_id = `soak-${seed}-${n}`;
  const status = random.chance(0.5) ? 'completed' : 'failed';
  const account_id = `account-${n % 3}`;
  const campaign_id = random.chance(0.3) ? `campaign-${n % 5}` : null;
  const call = aCallTo(hooksOf(call_id), { call_id, status, account_id, campaign_id });
  return { workflowId: webhooks.call(call_id).workflowId, report: () => webhooks.callEnded(call) };
}

function campaignEvent(n: number): Start {
  const campaign_id = `soak-${seed}-${n}`;
  const event = random.oneOf(['campaign.started', 'campaign.completed'] as const);
  const body: CampaignEvent = {
    event,
    campaign_id,
    name: 'Soak',
    status: 'running',
    total_leads: 3,
    stats: { pending: 1, completed: 2 },
    created_at: '2025-12-22T10:30:00Z',
    ...hookOf(campaign_id, 0),
  };
  return { workflowId: webhooks.campaign(campaign_id, event).workflowId, report: () => webhooks.campaignEvent(body) };
}

/** One to three endpoints. */
function hooksOf(key: string) {
  const count = Number(random.weighted({ '1': 6, '2': 3, '3': 1 }));
  return Array.from({ length: count }, (_, index) => hookOf(key, index));
}

/** An endpoint whose URL tells whose it is. */
function hookOf(key: string, index: number) {
  const kind = random.weighted(KINDS);
  const base = kind === 'dead' || kind === 'forbidden' ? hooks[kind] : hooks.receiver;
  return { webhook_url: `${base}/${kind}/${key}/${index}`, secret_ref: SECRET_REF };
}

async function control(): Promise<void> {
  while (!stopping.signal.aborted) {
    await delay(random.between(100, 700));
    if (started.length === 0) continue;
    const chosen = random.oneOf(random.chance(0.7) ? started.slice(-10) : started);
    void act(random.weighted(OPS), chosen);
  }
}

async function act(op: Op, { workflowId, report }: Start): Promise<void> {
  const handle = handleOf(webhooks, workflowId);
  const run = client.workflow.getHandle(workflowId);
  const endpointId = op === 'cancelEndpoint' || op === 'retryNow' ? await anEndpointOf(handle) : undefined;
  const one = endpointId === undefined ? {} : { endpointId };
  const does: Readonly<Record<Op, () => Promise<unknown>>> = {
    retryNow: () => handle.retryNow(random.chance(0.3) ? one : {}),
    signalRetryNow: () => run.signal(SIGNALS.retryNow, {}),
    cancel: () => handle.cancel({ reason: 'soak' }),
    cancelEndpoint: () => handle.cancel(one),
    serverCancel: () => run.cancel(),
    redeliver: () => handle.redeliver(),
    forceRedeliver: () => handle.redeliver({ force: true }),
    terminate: () => run.terminate('soak'),
    reset: () => reset(workflowId),
    report,
    status: () => handle.status(),
  };
  const noted = op === 'cancelEndpoint' ? endpointId : undefined;
  const once = () => tried(op === 'report' ? 'start' : op, workflowId, does[op], noted);
  // Two operators at once; for redeliver that must not double anything.
  await Promise.all(random.chance(0.3) ? [once(), once()] : [once()]);
}

/** Resets the latest run to one of its decisions, as the Web UI does. */
async function reset(workflowId: string): Promise<void> {
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const decisions = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  if (decisions.length === 0) return;
  const request = {
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: random.oneOf(decisions).eventId ?? null,
    requestId: randomUUID(),
    reason: 'soak',
  };
  try {
    await client.workflowService.resetWorkflowExecution(request);
  } catch (error) {
    // As the SDK calls what its own requests reject with.
    throw Object.assign(new Error('reset', { cause: error }), { name: 'ServiceError' });
  }
}

async function anEndpointOf(handle: WebhookHandle): Promise<string | undefined> {
  try {
    const { deliveries } = await handle.status();
    return deliveries.length === 0 ? undefined : random.oneOf(deliveries).endpointId;
  } catch {
    return undefined;
  }
}

/** Does it, and notes from when to when, and what was heard. */
async function tried(
  op: string,
  workflowId: string,
  does: () => Promise<unknown>,
  endpointId?: string,
): Promise<OpLine['outcome']> {
  const at = Date.now();
  const tell = (more: object): void =>
    note({ at, doneAt: Date.now(), op, workflowId, ...(endpointId !== undefined && { endpointId }), ...more });
  try {
    const { accepted, cycle } = ((await does()) ?? {}) as { accepted?: unknown; cycle?: unknown };
    tell({
      outcome: 'ok',
      ...(typeof accepted === 'boolean' && { accepted }),
      ...(typeof cycle === 'number' && { cycle }),
    });
    return 'ok';
  } catch (error) {
    const { code, name, message } = error as Error & { readonly code?: string };
    const outcome = DEFINITE.has(code ?? name) || DEFINITE.has(name) ? 'error' : 'unknown';
    tell({ outcome, error: code ?? name, message: message.slice(0, 200) });
    return outcome;
  }
}

const DEFINITE: ReadonlySet<string> = new Set([
  'still_running',
  'already_delivered',
  'not_found',
  'history_gone',
  'unreadable_run',
  'unknown_endpoint',
  'WorkflowNotFoundError',
  'InvalidInputError',
]);

async function main(): Promise<void> {
  await Promise.all([report(), control()]);
  await delay(12_000);
  process.exit(0);
}
void main();
