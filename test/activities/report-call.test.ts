/** The activity that reports for callers of any language: its answer, its failures, and what it logs. */
import { expect, test } from '@jest/globals';
import {
  callReports,
  IdOfAnotherAccountError,
  InputTooLargeError,
  InvalidInputError,
  NamespaceNotFoundError,
  SearchAttributesMissingError,
  TemporalRefusedError,
  TemporalUnavailableError,
  UnreadableRunError,
} from '../../client/index.ts';
import type { CallReports } from '../../activities/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { sweep } from '../support/canary.ts';
import { aNotingTemporal } from '../support/noting-client.ts';
import { asStored, runActivity } from '../support/run-activity.ts';

/** Runs the activity with reports that do this. */
const reporting = (report?: CallReports['report'], input: unknown = aFailedCall()) =>
  runActivity((activities) => activities.reportCall(input), {
    info: { taskQueue: 'engine', attempt: 2 },
    ports: report === undefined ? {} : { reports: { report } },
  });

const failing = (error: Error) =>
  reporting(async () => {
    throw error;
  });

const ANSWER = {
  subscribed: true,
  workflowId: 'call-webhook/c1',
  alreadyReported: false,
  reportedDifferently: null,
  webhooks: [{ endpointId: 'ep_1', host: 'crm.example.com', webhookId: 'msg_1' }],
  warnings: [{ code: 'unsigned' as const, message: 'webhooks to crm.example.com go unsigned' }],
};

test('it hands on the answer, names its task queue, and logs one line with ids and codes', async () => {
  const queues: string[] = [];
  const { value, lines } = await reporting(async (_input, _options, { taskQueue }) => {
    queues.push(taskQueue);
    return ANSWER;
  });
  expect(value).toEqual(ANSWER);
  expect(queues).toEqual(['engine']);
  expect(lines).toMatchObject([
    {
      level: 'info',
      message: 'webhook.reported',
      webhookRun: 'call-webhook/c1',
      subscribed: true,
      alreadyReported: false,
      endpoints: 1,
      warnings: ['unsigned'],
    },
  ]);
});

test('a second report with other data is a warning in the log: its caller may not read the answer', async () => {
  const answer = { ...ANSWER, alreadyReported: true, reportedDifferently: 'was reported before with other data (x)' };
  const { lines } = await reporting(async () => answer);
  expect(lines).toMatchObject([{ level: 'warn', message: 'webhook.reported', alreadyReported: true }]);
});

const refused = { what: 'starting call-webhook/c1', kind: 'start', namespace: 'default', timeoutMs: 5_000 } as const;
const size = { what: 'input', bytes: 2, limit: 1, largest: 'metadata with 2 bytes' };

const ERRORS = [
  [new InvalidInputError('ended call', [{ field: 'status', problem: 'missing' }]), false],
  [new InputTooLargeError('call-webhook/c1', size), false],
  [new IdOfAnotherAccountError('call-webhook/c1'), false],
  [new UnreadableRunError('call-webhook/c1'), false],
  [new SearchAttributesMissingError('default'), false],
  [new NamespaceNotFoundError('default'), false],
  [new TemporalRefusedError('starting', 'PERMISSION_DENIED', false, new Error('no')), false],
  [new TemporalRefusedError('starting', 'RESOURCE_EXHAUSTED', true, new Error('slow')), true],
  [new TemporalUnavailableError(refused), true],
] as const;

test.each(ERRORS.map(([error, isRetried]) => ({ name: error.name, code: error.code, error, isRetried })))(
  '$name ($code) keeps its name, words and code, and is tried again only if that may help',
  async ({ error, isRetried }) => {
    const { failure, lines } = await failing(error);
    expect(failure).toMatchObject({ type: error.name, message: error.message, nonRetryable: !isRetried, stack: '' });
    expect(failure?.details?.[0]).toMatchObject({ code: error.code, retryable: isRetried });
    expect(lines).toMatchObject([
      { level: 'warn', message: 'webhook.report_failed', error: error.code, willBeRetried: isRetried, attempt: 2 },
    ]);
  },
);

test('the problems of a refused report stand in the details, so that a program can read them', async () => {
  const problems = Array.from({ length: 9 }, (_each, index) => ({ field: `f${index}`, problem: 'x'.repeat(500) }));
  const { failure } = await failing(new InvalidInputError('ended call', problems));
  expect(failure?.details?.[0]).toMatchObject({ problems: problems.slice(0, 5) });
  // Temporal cuts a failure at 4 KiB.
  expect(Buffer.byteLength(asStored(failure ?? ({} as never)))).toBeLessThan(8_000);
});

test('any other error is tried again, and only its class is told: its words may hold anything', async () => {
  const { failure, lines, sdkLines } = await failing(new RangeError('canary +14155550199'));
  expect(failure).toMatchObject({ type: 'ReportFailed', nonRetryable: false, stack: '' });
  expect(failure?.message).toBe('the report was not made (RangeError); tried again');
  expect(JSON.stringify([lines, sdkLines, asStored(failure ?? ({} as never))])).not.toContain('canary');
});

test('a worker that takes no reports says so and how to change it, and leaves the report to another one', async () => {
  const { failure } = await reporting();
  expect(failure).toMatchObject({ type: 'ReportsNotTaken', nonRetryable: false });
  expect(failure?.message).toContain('reports: callReports()');
});

test('no log line and no failure holds a value of the report, whether it is taken or refused', async () => {
  const canaries = ['+14155550199', 'canary-path', 'canary-token', 'canary-user', 'canary metadata', 'canary-words'];
  const { temporal: client } = aNotingTemporal();
  const { report } = callReports();
  const call = {
    ...aFailedCall({ phone_number: '+14155550199', secret_ref: 'whsec_Y2FuYXJ5LXdvcmRzLWNhbmFyeS13b3Jkcw==' }),
    webhook_url: 'https://canary-user:x@crm.example.com/canary-path?token=canary-token',
    metadata: { note: 'canary metadata', depth: NaN },
    from_phone_number: { canary: '+14155550199' },
    duration: 'canary-words',
    started_at: 'canary-words',
  };
  const inputs = [
    call,
    JSON.stringify(call),
    { ...call, call_id: { phone: '+14155550199' } },
    { ...call, call_id: undefined },
    { ...call, status: '+14155550199 canary metadata' },
    { ...call, status: { note: 'canary metadata' } },
    [call],
    JSON.stringify(call).slice(0, -1),
    {
      event: 'canary metadata 1',
      campaign_id: '+14155550199 canary metadata'.repeat(20),
      phone_number: '+14155550199',
    },
  ];
  let failures = 0;
  for (const input of inputs) {
    const { lines, sdkLines, failure } = await reporting(
      (...args) => report(args[0], args[1], { ...args[2], client }),
      input,
    );
    const stored = failure === undefined ? '' : asStored(failure);
    if (failure !== undefined) failures += 1;
    const places = [
      { where: 'lines', text: JSON.stringify([lines, sdkLines]) },
      { where: 'failure', text: stored },
    ];
    expect(sweep(canaries, places)).toEqual([]);
  }
  expect(failures).toBe(inputs.length - 2);
});
