/** The SDK's log lines on their way to pino: ids and counts pass, payloads do not. */
import { expect, test } from '@jest/globals';
import { coresdk } from '@temporalio/proto';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { temporalLogger } from '../../../worker/temporal-logger.ts';
import { DRIVES_A_SCREEN, hostileText } from '../../support/hostile-text.ts';

function logged(write: (logger: ReturnType<typeof temporalLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(temporalLogger(pino({ level: 'trace', base: null, timestamp: false }, destination)));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"+14155550199"') };

test('a workflow activation that the SDK traces brings its run into the log, and no payload', () => {
  const { WorkflowActivation } = coresdk.workflow_activation;
  const activation = WorkflowActivation.decode(
    WorkflowActivation.encode({
      runId: 'run-1',
      historyLength: 3,
      jobs: [{ initializeWorkflow: { workflowId: 'call-webhook/c1', arguments: [payload] } }],
    }).finish(),
  );
  const lines = logged((logger) =>
    logger.trace('Got workflow activation', Object.assign({ sdkComponent: 'worker', taskQueue: 'q' }, activation)),
  );
  expect(lines).toEqual([
    {
      level: 10,
      sdkComponent: 'worker',
      taskQueue: 'q',
      runId: 'run-1',
      historyLength: 3,
      msg: 'Got workflow activation',
    },
  ]);
});

test('an activity task that the SDK traces brings its token into the log, and no payload', () => {
  const start = { activityId: 'deliver/ep_1/1.1', activityType: 'deliverWebhook', input: [payload] };
  const lines = logged((logger) =>
    logger.trace('Got activity task', { sdkComponent: 'worker', taskToken: 'dG9rZW4=', start }),
  );
  expect(lines).toEqual([{ level: 10, sdkComponent: 'worker', taskToken: 'dG9rZW4=', msg: 'Got activity task' }]);
});

/** As the core of SDK 1.24 prints a failure. */
const failure = (message: string, stack: string, source = 'TypeScriptSDK') =>
  `Failure { failure: Some(Failure { message: ${JSON.stringify(message)}, source: "${source}", ` +
  `stack_trace: ${JSON.stringify(stack)}, encoded_attributes: None, cause: None }), force_cause: Unspecified }`;
const NO_JSON = `Unexpected token '+', "+14155550199 is" is not valid JSON`;

test.each([
  ['no JSON', NO_JSON, `<anonymous_script>:1\n+14155550199 is\n^\n\nSyntaxError: ${NO_JSON}\n    at JSON.parse`, {}],
  [
    'text that looks like the place of an error',
    NO_JSON,
    `x:1\nTypeError: +14155550199\n^\n\nSyntaxError: ${NO_JSON}\n    at JSON.parse`,
    {},
  ],
  ['an error of a host', 'row (+14155550199) is bad', 'DatabaseError: row (+14155550199) is bad\n    at x', {}],
  [
    'an unknown encoding',
    'Unknown encoding: binary/encrypted',
    'bundle.js:945\n  throw\n  ^\n\nValueError: Unknown encoding: binary/encrypted\n    at y',
    { errorName: 'ValueError', errorMessage: 'Unknown encoding: binary/encrypted' },
  ],
  [
    'a bug',
    'x is not a function',
    'TypeError: x is not a function\n    at y',
    { errorName: 'TypeError', errorMessage: 'x is not a function' },
  ],
  [
    'a TypeError that quotes JSON',
    NO_JSON,
    `TypeError: ${NO_JSON}`,
    { errorName: 'TypeError', errorMessage: 'a payload is not valid JSON' },
  ],
])(
  'a workflow task that failed by %s is told by its class, and by its words where they are safe',
  (_by, message, stack, told) => {
    const fields = { sdkComponent: 'core', target: 'workflow', runId: 'r1', failure: failure(message, stack) };
    const [line] = logged((logger) => logger.warn('Failing workflow task', fields));
    const { level: _level, msg, ...rest } = line ?? {};
    expect(msg).toBe('Failing workflow task');
    expect(rest).toEqual({ sdkComponent: 'core', target: 'workflow', runId: 'r1', errorName: 'failure', ...told });
    expect(JSON.stringify(line)).not.toContain('4155550199');
  },
);

test("the core's own failures keep their words, and none of its structures", () => {
  const text = failure('[TMPRL1100] Nondeterminism error: no machine handles HistoryEvent(id: 5)', '', '');
  const [line] = logged((logger) => logger.warn('Failing workflow task', { sdkComponent: 'core', failure: text }));
  expect(line).toMatchObject({
    errorName: 'core',
    errorMessage: expect.stringMatching(/^\[TMPRL1100\] Nondeterminism/),
  });
});

test('no structure that the core prints reaches the log, in whichever field or message it is', () => {
  const base64 = Buffer.from('"+14155550199"').toString('base64');
  const dump = `Some(HistoryEvent { attributes: Some(Payloads { payloads: [[${base64}]] }) })`;
  const fields = Object.fromEntries(['action', 'nextEvent', 'status', 'queries', 'odd'].map((name) => [name, dump]));
  const lines = logged((logger) => {
    logger.trace(`handling event ${dump}`, { sdkComponent: 'core', workflowId: 'w1', ...fields });
    logger.debug(`Got new work: [${dump}]`, { sdkComponent: 'core' });
  });
  expect(lines).toEqual([
    { level: 10, sdkComponent: 'core', workflowId: 'w1', msg: 'handling event …' },
    { level: 20, sdkComponent: 'core', msg: 'Got new work…' },
  ]);
});

test('what the code of a workflow or an activity logs keeps its fields', () => {
  const fields = { workflowId: 'w1', order: { id: 7 } };
  const lines = logged((logger) => {
    logger.info('ordered', { sdkComponent: 'workflow', ...fields });
    logger.warn('packed', { sdkComponent: 'activity', ...fields });
  });
  expect(lines.map(({ order }) => order)).toEqual([{ id: 7 }, { id: 7 }]);
});

test('of an error a line has the name, and the words only where they are ours', () => {
  const theirs = Object.assign(new Error('row (+14155550199) is bad'), { name: 'DatabaseError' });
  const ours = Object.assign(new Error('attempt 1 of 5: HTTP 503'), { name: 'ApplicationFailure' });
  const lines = logged((logger) => {
    logger.warn('Activity failed', { sdkComponent: 'worker', error: theirs });
    logger.warn('Activity failed', { sdkComponent: 'activity', error: ours });
  });
  expect(lines.map(({ errorName, errorMessage, error }) => ({ errorName, errorMessage, error }))).toEqual([
    { errorName: 'DatabaseError' },
    { errorName: 'ApplicationFailure', errorMessage: 'attempt 1 of 5: HTTP 503' },
  ]);
});

test('neither a message nor an id that others wrote drives the terminal that shows the line', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = temporalLogger(pino({ level: 'trace', base: null, timestamp: false }, destination));
  fc.assert(
    fc.property(hostileText, (text) => {
      const error = Object.assign(new Error(text), { name: 'ApplicationFailure' });
      logger.info(text, { sdkComponent: 'activity', workflowId: text, deep: { host: [text] }, error });
      expect(lines.pop()?.trimEnd()).not.toMatch(DRIVES_A_SCREEN);
    }),
    { numRuns: 300 },
  );
});
