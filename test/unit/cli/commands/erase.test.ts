/** What erase finds, deletes and admits, with a server of hand-made answers. With a real one: test/integration. */
import { expect, test } from '@jest/globals';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common';
import { encodeReferencePayload } from '@temporalio/common/lib/internal-non-workflow';
import { sampleRecord } from '../../../../adapters/conformance/sample-records.ts';
import { MemoryDeliveryLog } from '../../../../adapters/memory.ts';
import { eraseCommand } from '../../../../cli/commands/erase/command.ts';
import { eraseWebhook, wouldErase, type KnownSoFar } from '../../../../cli/commands/erase/erase-webhook.ts';
import { NOTHING_KNOWN } from '../../../../cli/commands/erase/find-erasable.ts';
import {
  countsInWords,
  cutOff,
  lineOf,
  notReached,
  stepsInWords,
  storedLines,
} from '../../../../cli/commands/erase/receipt.ts';
import { storedInWords } from '../../../../cli/commands/erase/stored-in.ts';
import { beginReceipt } from '../../../../cli/commands/erase/write-receipt.ts';
import { meantByAccount, meantById } from '../../../../cli/commands/erase/meant.ts';
import { callWorkflowId, campaignWorkflowId } from '../../../../contract/workflow-id.ts';
import { recordingTerminal, runInProcess } from '../../../support/in-process-cli.ts';

const RUN = '0b5c7d3e-1111-4222-8333-444455556666';
const WEBHOOK = `msg_${'a'.repeat(24)}`;
const LONG_CALL = '通话'.repeat(20);
const LONG = callWorkflowId(LONG_CALL);

type Run = { readonly workflowId: string; readonly runId?: string; readonly webhookIds?: readonly string[] };
/** How the server answers who asks for an input. */
type Inputs = 'readable' | 'encrypted' | 'unavailable';

/** What a run refers to in an external storage. */
const OBJECT = { driver: 'disk', claim: { key: 'call-webhook/c-1/4711' } };
const REFERENCE = encodeReferencePayload({ driverName: 'disk', claim: { claimData: OBJECT.claim }, sizeBytes: 9 });

/** A server with these closed runs of calls. With `stored`, each refers to an object, and no run can be deleted. */
function aServer(first: readonly Run[], callId: string, inputs: Inputs = 'readable', stored = false): Client {
  let runs = first.map((run) => ({ runId: RUN, webhookIds: [WEBHOOK], ...run }));
  const refusal = (code: number, details: string) =>
    Object.assign(new Error(details), { code, details, metadata: {}, name: 'ServiceError' });
  const inputOf = (webhookIds: readonly string[]) => ({
    call: { call_id: callId },
    endpoints: webhookIds.map((webhookId) => ({ webhookId, host: 'crm.example.com' })),
  });
  async function* list({ query }: { readonly query: string }) {
    const [, field = '', value = ''] = /(WorkflowId|RunId|WebhookAccountId) = '([^']*)'/.exec(query) ?? [];
    const fits = (run: Run): boolean => !['WorkflowId', 'RunId'].includes(field) || Object.values(run).includes(value);
    for (const run of runs.filter(fits)) yield { ...run, status: { name: 'COMPLETED' }, startTime: new Date(0) };
  }
  const client = {
    options: { namespace: 'staging', loadedDataConverter: defaultDataConverter },
    withDeadline: <T>(_deadlineMs: number, work: () => Promise<T>): Promise<T> => work(),
    workflow: {
      list,
      getHandle: (workflowId: string) => ({
        describe: async () => {
          const run = runs.find((each) => each.workflowId === workflowId);
          if (run === undefined) throw new WorkflowNotFoundError('gone', workflowId, undefined);
          return { ...run, type: 'callWebhook', status: { name: 'COMPLETED' }, raw: stored ? STORED : {} };
        },
      }),
    },
    workflowService: {
      getWorkflowExecutionHistory: async ({ execution }: { readonly execution: Required<Run> }) => {
        if (inputs === 'unavailable') throw refusal(14, 'connection lost');
        const webhookIds = runs.find(({ runId }) => runId === execution.runId)?.webhookIds ?? [];
        const plain = defaultPayloadConverter.toPayload(inputOf(webhookIds));
        const secret = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('?') };
        const payloads = [inputs === 'readable' ? plain : secret];
        return {
          history: {
            events: [
              { eventId: 1, workflowExecutionStartedEventAttributes: { input: { payloads } } },
              ...(stored
                ? [{ eventId: 5, activityTaskScheduledEventAttributes: { input: { payloads: [REFERENCE] } } }]
                : []),
            ],
          },
        };
      },
      deleteWorkflowExecution: async (request: { readonly workflowExecution: Required<Run> }) => {
        if (stored) throw refusal(14, 'connection lost');
        runs = runs.filter(({ runId }) => runId !== request.workflowExecution.runId);
      },
      getSystemInfo: async () => ({}),
    },
  };
  return client as unknown as Client;
}

const STORED = { workflowExecutionInfo: { externalPayloadCount: 1 } };

/** A log with one row of the call. */
async function aLog(callId: string, more: Parameters<typeof sampleRecord>[0] = {}): Promise<MemoryDeliveryLog> {
  const log = new MemoryDeliveryLog();
  const workflowId = callWorkflowId(callId);
  await log.record(sampleRecord({ callId, workflowId, webhookId: WEBHOOK, accountId: 'acct-7', ...more }));
  return log;
}

const quiet = (): void => {};
const named = (client: Client, log: MemoryDeliveryLog | undefined, id: string, workflowId = callWorkflowId(id)) =>
  meantById({ client, log }, { id, workflowId }, quiet);

test('a call id so long that the workflow id has its hash: its rows go with and without runs, keys and retention', async () => {
  for (const runs of [[{ workflowId: LONG }], []]) {
    for (const inputs of ['readable', 'encrypted'] as const) {
      const [client, log] = [aServer(runs, LONG_CALL, inputs), await aLog(LONG_CALL)];
      const meant = await named(client, log, LONG_CALL);
      expect(await wouldErase({ client, log }, meant)).toMatchObject({ outcome: 'would', records: 1 });
      expect(await eraseWebhook({ client, log }, meant, 0)).toMatchObject({ outcome: 'erased', records: 1 });
      expect(await log.show(WEBHOOK)).toEqual([]);
      expect(await eraseWebhook({ client, log }, meant, 0)).toMatchObject({ outcome: 'nothing' });
    }
  }
});

test('of an account, rows and runs with shortened ids go, too, and rows of other accounts stay', async () => {
  for (const runs of [[{ workflowId: LONG }], []]) {
    const [client, log] = [aServer(runs, LONG_CALL, 'encrypted'), await aLog(LONG_CALL)];
    await log.record(sampleRecord({ webhookId: 'msg_other' }));
    const [meant, ...others] = await meantByAccount({ client, log }, 'acct-7', quiet);
    expect(others).toEqual([]);
    expect(await eraseWebhook({ client, log }, meant!, 0)).toMatchObject({ outcome: 'erased', records: 1 });
    expect([await log.show(WEBHOOK), (await log.show('msg_other')).length]).toEqual([[], 1]);
  }
});

test('a run of an account that has no row yet: the row that its end writes is found by the account', async () => {
  const [client, log] = [aServer([{ workflowId: LONG }], LONG_CALL, 'encrypted'), new MemoryDeliveryLog()];
  const [meant] = await meantByAccount({ client, log }, 'acct-7', quiet);
  await log.record(sampleRecord({ callId: LONG_CALL, workflowId: LONG, webhookId: WEBHOOK, accountId: 'acct-7' }));
  expect(await eraseWebhook({ client, log }, meant!, 0)).toMatchObject({ outcome: 'erased', records: 1 });
});

test.each([LONG, campaignWorkflowId(LONG_CALL, 'campaign.started')])(
  'nothing is deleted where the rows of %s cannot be found',
  async (workflowId) => {
    const [client, log] = [aServer([{ workflowId }], LONG_CALL, 'encrypted'), await aLog(LONG_CALL)];
    const meant = await named(client, log, workflowId, workflowId);
    for (const item of [await wouldErase({ client, log }, meant), await eraseWebhook({ client, log }, meant, 0)])
      expect(item).toMatchObject({ outcome: 'failed', words: expect.stringContaining('webhook id (msg_…)') });
    expect((await log.show(WEBHOOK)).length).toBe(1);
    // Without a log there are no rows to find.
    expect(await eraseWebhook({ client, log: undefined }, meant, 0)).toMatchObject({ outcome: 'erased' });
  },
);

test('rows that the log did not delete are told with an id that finds them again', async () => {
  const [client, log] = [aServer([{ workflowId: LONG }], LONG_CALL), await aLog(LONG_CALL)];
  const erase = log.erase.bind(log);
  log.erase = () => Promise.reject(new Error('disk full'));
  const meant = await named(client, log, LONG, LONG);
  expect(await eraseWebhook({ client, log }, meant, 0)).toMatchObject({
    outcome: 'failed',
    words: expect.stringMatching(new RegExp(`erase ${WEBHOOK} again.*disk full`)),
  });
  log.erase = erase;
  const again = await named(client, log, WEBHOOK);
  expect(await eraseWebhook({ client, log }, again, 0)).toMatchObject({ outcome: 'erased', records: 1 });
});

test('a server that does not answer is a failure: its runs may have what the log does not know', async () => {
  const [client, log] = [aServer([{ workflowId: 'call-webhook/c-1' }], 'c-1', 'unavailable'), await aLog('c-1')];
  const item = await eraseWebhook({ client, log }, { workflowId: 'call-webhook/c-1', known: NOTHING_KNOWN }, 0);
  expect(item).toMatchObject({ outcome: 'failed', words: expect.stringContaining('connection lost') });
  expect((await log.show(WEBHOOK)).length).toBe(1);
});

test('a row whose call id could not be stored as it came is found by its webhook id, counted and deleted', async () => {
  const stored = { callId: 'c-\uFFFD', workflowId: 'call-webhook/c-1' };
  const [client, log] = [aServer([{ workflowId: 'call-webhook/c-1' }], 'c-1'), await aLog('c-1', stored)];
  const meant = await named(client, log, 'c-1');
  const seen = { records: 1, webhookIds: [WEBHOOK], hosts: ['crm.example.com'] };
  expect(await wouldErase({ client, log }, meant)).toMatchObject({ outcome: 'would', ...seen });
  expect(await eraseWebhook({ client, log }, meant, 0)).toMatchObject({ outcome: 'erased', ...seen });
  expect(await log.show(WEBHOOK)).toEqual([]);
});

test('what stays in an external storage is told first of what is not reached, and only where there is some', () => {
  const item = { ...ITEM, outcome: 'erased' as const, words: 'deleted', webhookIds: [] };
  const object = (key: string) => ({ driver: 's3', claim: { key } });
  const [first, ...rest] = notReached([item, { ...item, stored: [object('a'), object('b')] }]);
  expect(first).toMatch(/^2 objects of your external storage: delete them by their claim/);
  expect(notReached([item])).toEqual(rest);
  expect(notReached([{ ...item, stored: [object('a')] }])[0]).toMatch(/^1 object of/);
  expect(storedInWords([object('a')])).toBe('; 1 object stays in the external storage');
  expect(storedInWords([])).toBe('');
});

test('a webhook id whose rows are of another webhook is neither listed nor deleted', async () => {
  const [client, log] = [aServer([{ workflowId: 'call-webhook/c-1' }], 'c-1'), await aLog('c-2')];
  const item = await eraseWebhook({ client, log }, await named(client, log, 'c-1'), 0);
  expect(item).toMatchObject({ outcome: 'erased', records: 0, webhookIds: [] });
  expect((await log.show(WEBHOOK)).length).toBe(1);
});

test('a row whose run is not in this namespace is told with the namespace', async () => {
  const [client, log] = [aServer([], 'c-1'), await aLog('c-1')];
  const meant = await named(client, log, 'c-1');
  const words = '0 runs, 1 log record; no run in namespace staging';
  expect((await wouldErase({ client, log }, meant)).words).toBe(`would delete ${words}`);
  expect((await eraseWebhook({ client, log }, meant, 0)).words).toBe(`deleted ${words}`);
});

test.each([RUN, RUN.toUpperCase(), WEBHOOK])('%s means its webhook, unless a call has this id', async (id) => {
  const workflowId = 'call-webhook/c-1';
  for (const log of [undefined, new MemoryDeliveryLog(), await aLog('c-1')])
    expect(await named(aServer([{ workflowId }], 'c-1'), log, id)).toMatchObject({ workflowId });
  const own = { workflowId: callWorkflowId(id), runId: 'r-2', webhookIds: [] };
  expect(await named(aServer([{ workflowId }, own], id), undefined, id)).toMatchObject({ workflowId: own.workflowId });
  const nobody = aServer([], 'c-1');
  const { words, outcome } = await wouldErase({ client: nobody, log: undefined }, await named(nobody, undefined, id));
  expect([outcome, words]).toEqual(['nothing', expect.stringMatching(/; no (run|webhook) has this id either$/)]);
});

test('a webhook id that may be in a run nobody could read is an error, and not "nothing left"', async () => {
  const client = aServer([{ workflowId: 'call-webhook/c-1' }], 'c-1', 'encrypted');
  await expect(named(client, new MemoryDeliveryLog(), WEBHOOK)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/nothing was deleted.*1 of them could not be read/),
  });
});

test('an address of another namespace than --namespace is refused', async () => {
  const page = 'https://temporal.example.com/namespaces/prod/workflows/call-webhook%2Fc-1';
  const env = { TOPCALLS_DATABASE_URL: 'none', TEMPORAL_ADDRESS: '127.0.0.1:9' };
  const { code, stderr } = await runInProcess(eraseCommand, [page, '-n', 'staging', '--yes'], env);
  expect([code, stderr]).toEqual([2, expect.stringContaining('these ids are of 2 namespaces')]);
});

const ITEM = {
  workflowId: 'call-webhook/c1',
  records: 1,
  runIds: [RUN],
  bodySha256: [],
  hosts: ['crm.example.com'],
  stored: [],
};

test('a receipt as JSON is written as the webhooks end, so a command that is killed leaves what it did', async () => {
  const item = {
    workflowId: 'call-webhook/c-1',
    outcome: 'erased',
    words: 'erased 1 run',
    runIds: [RUN],
    webhookIds: [WEBHOOK],
    hosts: ['crm.example.com'],
    bodySha256: [],
    stored: [OBJECT],
    records: 1,
  } as const;
  const { terminal, out, err } = recordingTerminal();
  const head = { dryRun: false, namespace: 'staging', address: 'temporal:7233', log: 'none', account: 'acct-7' };
  const receipt = beginReceipt(terminal, head, { json: true });
  const soFar = (): unknown => JSON.parse(`${out.join('\n')}\n]}`);
  expect(soFar()).toEqual({ command: 'erase', startedAt: expect.any(String), ...head, items: [] });
  receipt.stored(item);
  expect(err).toEqual([storedLines(item)[0]]);
  receipt.item(item);
  receipt.item({ ...item, workflowId: 'call-webhook/c-2', stored: [] });
  expect(soFar()).toMatchObject({ items: [item, { workflowId: 'call-webhook/c-2' }] });

  receipt.end({ at: '2026-01-31T23:20:00.000Z', counts: { erased: 2, failed: 0 }, left: 1 });
  expect(JSON.parse(out.join('\n'))).toMatchObject({
    ...head,
    items: [item, { workflowId: 'call-webhook/c-2' }],
    at: '2026-01-31T23:20:00.000Z',
    erased: 2,
    failed: 0,
    left: 1,
    notReached: notReached([item]),
  });
});

test('a line of the receipt has the hosts and the webhook ids, by which the receivers can be asked', () => {
  const item = { ...ITEM, outcome: 'erased' as const, words: 'deleted 1 run', webhookIds: [WEBHOOK, 'msg_2'] };
  expect(lineOf(item)).toBe(`call-webhook/c1\terased\tdeleted 1 run\tcrm.example.com\t${WEBHOOK} msg_2`);
});

test('while it waits, it says for what: the end of a run, or the server that deletes', async () => {
  const deletes = 'for the server, which deletes an ended run within a minute';
  expect(stepsInWords(['ending'])).toBe('1 waits for the end of what was cancelled');
  expect(stepsInWords(['deleting', 'ending', 'deleting'])).toBe(
    `1 waits for the end of what was cancelled, 2 wait ${deletes}`,
  );
  const steps: string[] = [];
  const [client, log] = [aServer([{ workflowId: 'call-webhook/c-1' }], 'c-1'), await aLog('c-1')];
  const meant = await named(client, log, 'c-1');
  for (const _time of [1, 2]) await eraseWebhook({ client, log }, meant, 0, { onStep: (step) => steps.push(step) });
  expect(steps).toEqual(['deleting']);
});

test('an erasure that fails or is cut off in the middle keeps what the runs refer to in an external storage', async () => {
  const workflowId = 'call-webhook/c-1';
  const [client, log] = [aServer([{ workflowId }], 'c-1', 'readable', true), await aLog('c-1')];
  const known: KnownSoFar[] = [];
  const watch = { onKnown: (so: KnownSoFar) => void known.push(so) };
  const item = await eraseWebhook({ client, log }, { workflowId, known: NOTHING_KNOWN }, 0, watch);
  expect(item).toMatchObject({ outcome: 'failed', stored: [OBJECT], webhookIds: [WEBHOOK], runIds: [RUN] });
  expect(item.words).toMatch(/connection lost.*; 1 object stays in the external storage$/);
  expect(notReached([item])[0]).toMatch(/^1 object of your external storage/);
  // Known before the first run goes, and told then.
  const last = known.at(-1)!;
  expect(last).toMatchObject({ workflowId, stored: [OBJECT], webhookIds: [WEBHOOK] });
  expect(storedLines(last)).toEqual([`${workflowId}\tstored\tdisk\t{"key":"call-webhook/c-1/4711"}`]);
  expect(cutOff([last], false)).toMatchObject([
    { outcome: 'failed', stored: [OBJECT], words: expect.stringMatching(/^interrupted/) },
  ]);
});

test('a dry run that is cut off says of no webhook that it may be deleted', () => {
  expect(cutOff([{ ...ITEM, webhookIds: [] }], true)).toEqual([]);
});

test('where nothing is there, it says for whom nothing was found', () => {
  const nothing = { ...ITEM, outcome: 'nothing' as const, words: 'nothing left', webhookIds: [] };
  expect(countsInWords('', [], 'acct_x')).toBe('nothing found for account acct_x');
  expect(countsInWords('1 nothing', [nothing], undefined)).toBe('nothing found');
  const erased = { ...nothing, outcome: 'erased' as const };
  expect(countsInWords('1 erased, 1 nothing', [nothing, erased], 'acct_x')).toBe('1 erased, 1 nothing');
});
