/**
 * examples/embed-in-call-engine as a stranger runs it: the packed package, its own processes, real servers
 * everywhere. The tests that harm nobody run side by side. Then those that kill servers and the engine run one by one.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../temporal-server/ports.ts';
import { startCallEngine, type CallEngine } from '../support/call-engine.ts';
import { openExample, type ExampleProject } from '../support/example-project.ts';
import { packPackage, run } from '../support/packed-package.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { waitFor } from '../support/wait-for.ts';

let project: ExampleProject;
let engine: CallEngine;
beforeAll(async () => {
  project = await openExample('embed-in-call-engine', await packPackage());
  engine = await startCallEngine(project);
});
afterAll(async () => {
  try {
    await engine?.close();
  } finally {
    project?.remove();
  }
});

/** Waits until each of these calls' webhooks has come to `state`. */
const allAre = (state: string, calls: readonly string[]) =>
  waitFor(`${calls.length} × ${state}`, async () => {
    const states = await Promise.all(calls.map((call) => engine.state(call)));
    return states.every((each) => each === state);
  });

/** Waits until a round of the outbox has the row of this call. */
const isBeingReported = (call: string) =>
  waitFor('a round that has the row', async () => {
    const isFree = 'select 1 from webhook_outbox where call_id = $1 and outcome is null for update skip locked';
    return (await engine.postgres.pool.query(isFree, [call])).rowCount === 0;
  });

test.concurrent('the lines of its README: a bad setting is refused, a call and a campaign reach the customer', async () => {
  const lines = project.readme.slice(project.readme.indexOf('## Use it'));
  const blocks = [...lines.matchAll(/^```sh\n(?<lines>.*?)^```$/gms)].map((match) => match.groups?.['lines'] ?? '');
  const support = blocks.pop();
  const delivered =
    'until curl -sS "$ENGINE/calls/$CALL/webhook" | grep -q \'"state":"delivered"\'; do sleep 0.2; done';
  const script = ["trap 'kill $(jobs -p); wait' EXIT", ...blocks, delivered, support].join('\n');
  await project.command(['setup'], { TEMPORAL_ADDRESS: engine.temporal.address });
  const env = { ENGINE: engine.url, CUSTOMER_PORT: String(await freePort()) };
  const said = await run(project.folder, 'bash', ['-euc', script], env);
  expect(said).toContain('"field":"webhook_url","problem":"address: ');
  expect(said).toContain(`"received":["call.finished"]`);
  const webhooks = [...said.matchAll(/^customer: \S+ (?<body>\{.*)$/gm)].map(
    (match) => JSON.parse(match.groups?.['body'] ?? '') as { event: string },
  );
  expect(webhooks.sort((a, b) => a.event.localeCompare(b.event))).toMatchObject([
    {
      event: 'call.completed',
      answered_by: 'human',
      recording_url: expect.stringMatching(/^https:\/\/recordings\.example\.com\/call_/),
      transcript: [{ user: 'assistant' }],
      call_summary: 'The appointment was confirmed.',
      metadata: { patient_id: 'pat_123' },
    },
    { event: 'campaign.completed', total_leads: 20, stats: { pending: 20, completed: 0, failed: 0 } },
    { event: 'campaign.started', status: 'running' },
  ]);
  // The support commands came after the end, so three of them have nothing to do.
  expect(said.match(/"accepted":false,"state":"delivered"/g)).toHaveLength(2);
  expect(said).toContain('"error":"already_delivered"');
});

test.concurrent('settings that cannot work are answered 400 with the field, what came and what is allowed', async () => {
  const { account_id } = engine.account;
  const numbers = { phone_number: '+14155551234', from_phone_number: '+18005551234' };
  const settings = { webhook_url: 'https://example.com/hook', webhook_events: ['call.finished'] };
  expect(await engine.post('/calls', { account_id, ...numbers, ...settings })).toEqual({
    status: 400,
    body: {
      error: 'invalid_input',
      problems: [
        {
          field: 'webhook_events[0]',
          problem: '"call.finished" is not an event of a call; known are call.completed, call.failed',
          received: ['call.finished'],
        },
      ],
    },
  });
  expect(await engine.post('/calls', { account_id: 'acct_none', ...numbers })).toMatchObject({
    status: 400,
    body: { problems: [{ field: 'account_id' }] },
  });
});

test.concurrent('a webhook cancelled while it settles is never sent', async () => {
  const { call, receiver } = await settlingCall();
  const answer = await engine.post(`/calls/${call}/cancel-webhook`, { reason: 'the customer asked' });
  expect(answer).toEqual({ status: 202, body: { accepted: true } });
  await allAre('cancelled', [call]);
  expect(receiver.requests).toHaveLength(0);
  await receiver.close();
});

test.concurrent('retry-webhook sends the attempt that waits at once', async () => {
  const receiver = await startReceiver(503, 200);
  const call = await engine.endedCall(receiver.url, 'failed');
  await allAre('retrying', [call]);
  // The ladder itself would wait a minute. The answer is 409 if a stalled worker has told its failure to the run alone.
  await waitFor('the wait', async () => (await engine.post(`/calls/${call}/retry-webhook`)).status === 202);
  await allAre('delivered', [call]);
  expect(receiver.requests.map((request) => engine.verified(request)['event'])).toEqual(['call.failed', 'call.failed']);
  await receiver.close();
});

test.concurrent('redeliver-webhook sends one that failed after its five attempts again, with the same id and bytes', async () => {
  const receiver = await startReceiver(503);
  const call = await engine.endedCall(receiver.url, 'failed');
  for (let attempt = 1; attempt < 5; attempt += 1) {
    await receiver.received(attempt);
    // The answer is 409 until this attempt has reported and the next one waits.
    const retry = async () => (await engine.post(`/calls/${call}/retry-webhook`)).status === 202;
    await waitFor(`the wait after attempt ${attempt}`, retry);
  }
  await allAre('failed', [call]);
  expect(receiver.requests).toHaveLength(5);
  receiver.answer(200);
  // The answer is 409 until the run has closed, which records the outcome first.
  const redelivered = await waitFor('the end of the run', async () => {
    const answer = await engine.post(`/calls/${call}/redeliver-webhook`);
    return answer.status === 409 ? undefined : answer;
  });
  expect(redelivered).toMatchObject({ status: 202, body: { cycle: 2 } });
  await allAre('delivered', [call]);
  expect(receiver.requests).toHaveLength(6);
  const [first, , , , , last] = receiver.requests;
  expect(engine.verified(last)['call_id']).toBe(call);
  expect(last?.body).toBe(first?.body);
  expect(last?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  await receiver.close();
});

test('calls that end while Temporal is away, and PostgreSQL restarts, are each delivered once', async () => {
  const receiver = await startReceiver();
  await engine.temporal.kill('SIGKILL');
  const end = (status: 'completed' | 'failed') => engine.endedCall(receiver.url, status);
  const calls = await Promise.all([end('failed'), end('completed'), end('completed')]);
  await allAre('in_outbox', calls);
  const takenBack = await end('failed');
  expect(await engine.post(`/calls/${takenBack}/cancel-webhook`)).toMatchObject({ status: 503 });
  await engine.postgres.stop();
  await engine.postgres.start();
  // Read through the engine's own connections: it has noticed that the old ones are gone.
  await allAre('cancelled', [takenBack]);
  calls.push(await end('failed'));
  await engine.temporal.restart();

  await allAre('delivered', calls);
  expect(await engine.state(takenBack)).toBe('cancelled');
  const delivered = receiver.requests.map((request) => String(engine.verified(request)['call_id']));
  expect(delivered.sort()).toEqual([...calls].sort());
  await receiver.close();
});

test('an engine killed between the end of a call and the start of its run: delivered once after its restart', async () => {
  const receiver = await startReceiver();
  await engine.temporal.kill('SIGKILL');
  const call = await engine.endedCall(receiver.url, 'failed');
  await engine.killEngine();
  await Promise.all([engine.temporal.restart(), engine.startEngine()]);
  await allAre('delivered', [call]);
  expect(receiver.requests.map((request) => engine.verified(request)['call_id'])).toEqual([call]);
  await receiver.close();
});

test('an engine killed before it could tick off the start of a run: still one run, and one POST', async () => {
  const receiver = await startReceiver();
  // The server is frozen, so the start is under way and unanswered when the engine dies. The start may still happen.
  process.kill(engine.temporal.pid(), 'SIGSTOP');
  const call = await engine.endedCall(receiver.url, 'failed');
  await isBeingReported(call);
  await engine.killEngine();
  process.kill(engine.temporal.pid(), 'SIGCONT');
  await engine.startEngine();
  await allAre('delivered', [call]);
  expect(receiver.requests.map((request) => engine.verified(request)['call_id'])).toEqual([call]);

  // Once more, with the run already over: only the tick in the outbox is lost.
  expect(await reportedAgain(call, {})).toEqual({ outcome: 'reported_before', problem: null });
  await allAre('delivered', [call]);
  // The same call with other data: nobody has read it, so the row is not ticked off as if it had been sent.
  const { outcome, problem } = await reportedAgain(call, { status: 'completed' });
  expect(outcome).toBe('reported_differently');
  expect(problem).toMatch(/^was reported before as call\.failed, and now as call\.completed\./);
  await allAre('delivered', [call]);
  expect(receiver.requests).toHaveLength(1);
  await receiver.close();
});

test('the delivery log still tells the state when Temporal has forgotten the run', async () => {
  const receiver = await startReceiver();
  const call = await engine.endedCall(receiver.url, 'failed');
  await allAre('delivered', [call]);
  await engine.forgetRuns();
  // While the engine's connection to Temporal is not back, its answer is an error.
  await allAre('delivered', [call]);
  await receiver.close();
});

/** A call that has ended, and whose webhook settles, with the receiver of it. A busy machine may start a run only when
 *  its settle delay is over: then it is another call's turn. */
async function settlingCall(): Promise<{ readonly call: string; readonly receiver: Receiver }> {
  const receiver = await startReceiver();
  const call = await engine.endedCall(receiver.url, 'completed');
  const state = await waitFor('the run', async () => {
    const now = await engine.state(call);
    return now === 'in_outbox' ? undefined : now;
  });
  return state === 'settling' ? { call, receiver } : settlingCall();
}

/** Puts a row back into the outbox, with a change of its report, and waits until it was reported. */
async function reportedAgain(call: string, change: object): Promise<{ outcome: string; problem: string | null }> {
  const { pool } = engine.postgres;
  const back = 'update webhook_outbox set outcome = null, report = report::jsonb || $2::jsonb where call_id = $1';
  await pool.query(back, [call, JSON.stringify(change)]);
  return waitFor('the report', async () => {
    const { rows } = await pool.query('select outcome, problem from webhook_outbox where call_id = $1', [call]);
    return rows[0]?.outcome === null ? undefined : rows[0];
  });
}
