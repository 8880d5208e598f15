/**
 * The call engine and its operators, a process of its own: calls and campaign events end, some reported twice; runs are
 * cancelled, hurried, redelivered and terminated, whatever they are doing. Notes in the ops log (LOG) what it asked and what it
 * heard: `ok`, `error` (a definite no), or `unknown`. A report without an answer goes out again, as from an outbox.
 * The parent says `stop`; what is under way then ends, and the process with it.
 */
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { built } from '../topology/built.mjs';
import { endedCall } from '../topology/engine.mjs';
import { logTo } from './log-file.mjs';
import { randomOf } from './random.mjs';

const { Client, Connection } = createRequire(import.meta.url)('@temporalio/client');
const { WebhookClient } = built('client/index');
const { calls, address, hooks, log, policy, seed, spanMs } = JSON.parse(process.env.SOAK_ENGINE);

const note = logTo(log);
const random = randomOf(seed + 1);
const client = new Client({ connection: Connection.lazy({ address }) });
const webhooks = new WebhookClient(client, { ...policy, startTimeoutMs: 3_000, onWarning: () => {} });
const started = [];
const stopping = new AbortController();
process.on('message', () => stopping.abort());
process.on('disconnect', () => process.exit(0));

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
const OPS = {
  retryNow: 26,
  signalRetryNow: 10,
  cancel: 14,
  cancelEndpoint: 8,
  serverCancel: 5,
  redeliver: 20,
  forceRedeliver: 4,
  terminate: 5,
  report: 6,
  status: 8,
};

const report = async () => {
  for (let n = 1; n <= calls && !stopping.signal.aborted; n += 1) {
    void startOne(n);
    await delay((spanMs / calls) * 2 * random.next());
  }
};

async function startOne(n) {
  const start = n % 10 === 0 ? campaignEvent(n) : endedCallOf(n);
  for (let attempt = 1; ; attempt += 1) {
    const answers = await Promise.all(
      Array.from({ length: random.chance(0.15) ? 3 : 1 }, () => tried('start', start.workflowId, () => start.report())),
    );
    const outcome = answers.some((answer) => answer === 'ok') ? 'ok' : answers[0];
    if (attempt === 1 || outcome === 'ok') if (!started.includes(start)) started.push(start);
    // Some engines lose their outbox: an unknown start then stays one.
    if (outcome === 'ok' || stopping.signal.aborted || random.chance(0.1)) return;
    await delay(1_500);
  }
}

function endedCallOf(n) {
  const callId = `soak-${seed}-${n}`;
  const call = endedCall(callId, random.chance(0.5) ? 'completed' : 'failed', {
    account_id: `account-${n % 3}`,
    campaign_id: random.chance(0.3) ? `campaign-${n % 5}` : null,
    endpoints: hooksOf(callId),
  });
  return { workflowId: webhooks.call(callId).workflowId, report: () => webhooks.callEnded(call) };
}

function campaignEvent(n) {
  const campaign_id = `soak-${seed}-${n}`;
  const event = random.oneOf(['campaign.started', 'campaign.completed']);
  const [endpoint] = hooksOf(campaign_id);
  const body = {
    event,
    campaign_id,
    name: 'Soak',
    status: 'running',
    total_leads: 3,
    stats: { pending: 1, completed: 2 },
    created_at: '2025-12-22T10:30:00Z',
    ...endpoint,
  };
  return { workflowId: webhooks.campaign(campaign_id, event).workflowId, report: () => webhooks.campaignEvent(body) };
}

/** One to three endpoints; their URLs tell whose they are. */
function hooksOf(key) {
  return Array.from({ length: random.weighted({ 1: 6, 2: 3, 3: 1 }) }, (_, index) => {
    const kind = random.weighted(KINDS);
    const base = hooks[kind] ?? hooks.receiver;
    return { webhook_url: `${base}/${kind}/${key}/${index}`, secret_ref: 'main' };
  });
}

const control = async () => {
  while (!stopping.signal.aborted) {
    await delay(random.between(100, 700));
    if (started.length === 0) continue;
    const chosen = random.oneOf(random.chance(0.7) ? started.slice(-10) : started);
    void act(random.weighted(OPS), chosen);
  }
};

async function act(op, { workflowId, report }) {
  const handle = handleOf(workflowId);
  const run = client.workflow.getHandle(workflowId);
  const endpointId = await anEndpoint(op, handle);
  const does = {
    retryNow: () => handle.retryNow(random.chance(0.3) && endpointId !== undefined ? { endpointId } : {}),
    signalRetryNow: () => run.signal('retryNow', {}),
    cancel: () => handle.cancel({ reason: 'soak' }),
    cancelEndpoint: () => handle.cancel(endpointId === undefined ? {} : { endpointId }),
    serverCancel: () => run.cancel(),
    redeliver: () => handle.redeliver(),
    forceRedeliver: () => handle.redeliver({ force: true }),
    terminate: () => run.terminate('soak'),
    report,
    status: () => handle.status(),
  };
  const once = () =>
    tried(op === 'report' ? 'start' : op, workflowId, does[op], op.endsWith('Endpoint') ? endpointId : undefined);
  // Two operators at once; for redeliver that must not double anything.
  await Promise.all(random.chance(0.3) ? [once(), once()] : [once()]);
}

function handleOf(workflowId) {
  const [, id, event] = workflowId.split('/');
  return workflowId.startsWith('call-') ? webhooks.call(id) : webhooks.campaign(id, event);
}

async function anEndpoint(op, handle) {
  if (op !== 'cancelEndpoint' && op !== 'retryNow') return undefined;
  try {
    return random.oneOf((await handle.status()).deliveries)?.endpointId;
  } catch {
    return undefined;
  }
}

/** Does it, and notes from when to when, and what was heard. */
async function tried(op, workflowId, does, endpointId) {
  const at = Date.now();
  const tell = (more) =>
    note({ at, doneAt: Date.now(), op, workflowId, ...(endpointId ? { endpointId } : {}), ...more });
  try {
    const answer = await does();
    tell({
      outcome: 'ok',
      ...(typeof answer?.accepted === 'boolean' ? { accepted: answer.accepted } : {}),
      ...(answer?.cycle ? { cycle: answer.cycle } : {}),
    });
    return 'ok';
  } catch (error) {
    const outcome = isDefinite(error) ? 'error' : 'unknown';
    tell({ outcome, error: error.code ?? error.name, message: String(error.message).slice(0, 200) });
    return outcome;
  }
}

const DEFINITE = new Set([
  'still_running',
  'already_delivered',
  'not_found',
  'history_gone',
  'unreadable_run',
  'unknown_endpoint',
]);

function isDefinite({ code, name }) {
  return DEFINITE.has(code) || name === 'WorkflowNotFoundError' || name === 'InvalidInputError';
}

await Promise.all([report(), control()]);
await delay(12_000);
process.exit(0);
