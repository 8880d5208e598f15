/** How the doctor judges what it has seen, from hand-made facts. With real servers: npm run doctor:faults. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { doctorCommand } from '../../../../cli/commands/doctor/command.ts';
import type { DatabaseSeen, Facts, QueueSeen, ServerSeen, VersionSeen } from '../../../../cli/commands/doctor/facts.ts';
import { FINDING_CODES } from '../../../../cli/commands/doctor/finding.ts';
import { findingsOf } from '../../../../cli/commands/doctor/findings.ts';
import { metricsText } from '../../../../cli/commands/doctor/metrics-text.ts';
import { exitOf } from '../../../../cli/commands/doctor/exit-code.ts';
import type { ExitCode } from '../../../../cli/process/exit.ts';
import type { Terminal } from '../../../../cli/process/terminal.ts';
import { notesOn } from '../../../../cli/commands/doctor/notes.ts';
import { reportInWords, summaryOf } from '../../../../cli/commands/doctor/words.ts';
import type { StandingRun, StandStill, Survey } from '../../../../client/survey-runs.ts';

const QUEUE = 'topcalls-webhooks';
const IDLE = { tasks: 0, ageMs: 0, givenOutPerSecond: 0 };
const POLLER = { identity: '7@worker-1', lastPollMs: 0 };

const aQueue = (change: Partial<QueueSeen> = {}): QueueSeen => ({
  taskQueue: QUEUE,
  kind: 'workflow',
  pollers: [POLLER],
  live: 1,
  backlog: IDLE,
  ...change,
});

const noRuns = <T>(none: T): Record<StandStill, T> => ({
  no_worker: none,
  task_failing: none,
  paused: none,
  waiting_for_us: none,
  waiting_for_log: none,
  waiting_for_notify: none,
  overdue: none,
});

function aSurvey(standing: readonly StandingRun[] = [], change: Partial<Survey> = {}): Survey {
  const of = (why: StandStill) => standing.filter((run) => run.why === why);
  const reasons = Object.keys(noRuns(0)) as StandStill[];
  return {
    open: standing.length,
    retrying: 0,
    counts: { ...noRuns(0), ...Object.fromEntries(reasons.map((why) => [why, of(why).length])) },
    examples: { ...noRuns([]), ...Object.fromEntries(reasons.map((why) => [why, of(why)])) },
    described: standing.length,
    isWhole: true,
    taskQueues: [QUEUE],
    ...change,
  };
}

const aRun = (why: StandStill, change: Partial<StandingRun> = {}): StandingRun => ({
  workflowId: 'call-webhook/call-1',
  taskQueue: QUEUE,
  why,
  problem: 'as seen',
  ...change,
});

function facts(
  server: Partial<ServerSeen> = {},
  change: Partial<Facts> = {},
  database: Partial<DatabaseSeen> = {},
): Facts {
  return {
    at: '2026-01-31T23:20:00.000Z',
    address: '127.0.0.1:7233',
    namespace: 'default',
    taskQueue: QUEUE,
    since: '2026-01-31T17:20:00.000Z',
    server: {
      is: 'there',
      seen: {
        version: '1.32.0',
        retentionMs: 86_400_000,
        clockAheadMs: 12,
        attributes: { missing: {}, clashes: [] },
        queues: [aQueue(), aQueue({ kind: 'activity' })],
        runs: aSurvey(),
        workers: 'answered',
        fairness: 'on',
        unread: [],
        ...server,
      },
    },
    database: {
      is: 'there',
      seen: {
        place: 'db/webhooks, schema topcalls_webhooks',
        pending: [],
        unknown: [],
        unrecorded: { compared: 3, isWhole: true, runs: 0, examples: [], unread: 0 },
        ...database,
      },
    },
    secrets: { is: 'there', seen: { references: 1 } },
    keys: { is: 'unset', words: 'not set' },
    ...change,
  };
}

const aPart = (grpcStatus: string) => ({ what: 'open runs', words: `${grpcStatus}: no`, grpcStatus });
const UNCLEAR = { compared: 3, isWhole: true, runs: 0, examples: [], unread: 2, whyUnread: 'no key' };
const codes = (seen: Facts): string[] => findingsOf(seen).map(({ severity, code }) => `${severity} ${code}`);
const broken = (code: string, exitCode: ExitCode = 1) =>
  ({ is: 'broken', problem: { code, words: `no: ${code}`, exitCode } }) as const;
const aVersion = (build: string, change: Partial<VersionSeen> = {}): VersionSeen => ({
  version: `webhooks:${build}`,
  status: 'inactive',
  workers: 1,
  ...change,
});
const dead = (kind: QueueSeen['kind'], taskQueue = QUEUE) => aQueue({ kind, live: 0, taskQueue });

test('one of a thing is no several', () => {
  const problems = (seen: Facts): string[] => findingsOf(seen).map(({ problem }) => problem);
  expect(problems(facts({}, {}, { pending: ['0002'] }))).toEqual([
    expect.stringContaining(': 1 migration is pending (0002)'),
  ]);
  const backlog = { tasks: 1, ageMs: 90_000, givenOutPerSecond: 0 };
  expect(problems(facts({ queues: [aQueue({ backlog }), aQueue({ kind: 'activity' })] }))).toEqual([
    expect.stringMatching(/^1 workflow task waits in /),
  ]);
  expect(
    problems(facts({ queues: [aQueue(), aQueue({ kind: 'activity', backlog: { ...backlog, tasks: 2 } })] })),
  ).toEqual([expect.stringMatching(/^2 activities wait in /)]);
});

test('nothing is said when nothing is wrong, and a part that is not set up is not wrong', () => {
  expect(codes(facts())).toEqual([]);
  expect(summaryOf([])).toBe('nothing is wrong');
  const unset = { is: 'unset', words: 'not set' } as const;
  expect(codes(facts({}, { database: unset, secrets: unset, keys: unset }))).toEqual([]);
  expect(codes(facts({ workers: 'nobody_to_ask', fairness: 'unclear' }))).toEqual([]);
  expect(codes(facts({ workers: 'not_asked' }))).toEqual([]);
});

test.each([
  ['2026-01-31T17:20:00.000Z', '2d'],
  ['2026-01-30T23:20:00.000Z', '2d'],
  ['2026-01-29T23:19:00.000Z', '4d'],
])('reconcile is advised in the form of the runbook, and covers what was compared since %s', (since, span) => {
  const [lacking] = findingsOf(facts({}, { since }, { unrecorded: { ...UNCLEAR, unread: 0, runs: 1 } }));
  expect(lacking?.fix).toBe(`topcalls-webhooks reconcile --since ${span}`);
  const [unread] = findingsOf(facts({}, { since }, { unrecorded: UNCLEAR }));
  expect(unread?.fix).toContain(`reconcile --dry-run --since ${span} `);
});

test.each([
  [1, '1: above 7 calls a second tasks wait up to 50 ms, if history.transferProcessorMaxPollRPS is the default of 20'],
  [4, '4: above 27 calls a second tasks wait up to 50 ms, if history.transferProcessorMaxPollRPS is the default of 20'],
  [15, '15: above 100 calls a second'],
  [16, '16\n'],
  [512, '512\n'],
])('%i history shards: a line says what they bear by default, and is no finding', (historyShards, words) => {
  const seen = facts({ historyShards });
  expect(reportInWords(seen, findingsOf(seen))).toContain(`seen\thistory shards\t${words}`);
  expect([codes(seen), exitOf(seen, findingsOf(seen)), notesOn(seen)]).toEqual([codes(facts()), 0, notesOn(facts())]);
});

test('a server that does not tell its history shards has no line for them', () => {
  expect(reportInWords(facts(), [])).not.toContain('shards');
});

describe('fast enough', () => {
  const told = (server: Partial<ServerSeen>): string =>
    /fast enough\t(.*)/.exec(reportInWords(facts(server), []))?.[1] ?? 'nothing';
  const waiting = (ageMs: number) => [aQueue(), aQueue({ kind: 'activity', backlog: { ...IDLE, tasks: 3, ageMs } })];

  test('is yes only if a worker has answered, and nothing has waited for long', () => {
    expect(told({ workersAskedMs: 412 })).toBe('yes: a worker answered within 0.4 s, and nothing waits');
    expect(told({ queues: waiting(12_400) })).toBe('yes: a worker answered, and the oldest task has waited for 12 s');
  });

  test('is no where a frozen worker is listed and nothing waits', () => {
    expect(told({ workers: 'silent' })).toBe('no: no worker that is listed answered within 6 s');
    const report = reportInWords(facts({ workers: 'silent' }), []);
    expect(report).toContain(`${QUEUE}: 1 worker is listed and silent`);
    expect(report).not.toContain('worker polls');
  });

  test.each<[string, Partial<ServerSeen>]>([
    ['no: the workers were too busy to answer within 6 s', { workers: 'busy' }],
    ['no: the oldest task has waited for 61 s', { queues: waiting(61_000) }],
    ['no: runs are overdue, see below', { runs: aSurvey([aRun('overdue')]) }],
    ['no: no worker polls', { queues: [dead('workflow'), aQueue({ kind: 'activity' })] }],
    ['not checked', { queues: [] }],
  ])('%s', (words, server) => {
    expect(told(server)).toBe(words);
  });

  test.each(['nobody_to_ask', 'not_asked', undefined] as const)('cannot be told where the answer is %s', (workers) => {
    const pollers = [{ ...POLLER, lastPollMs: Date.parse(facts().at) - 8_000 }];
    const { workers: _answered, ...seen } = (facts().server as { seen: ServerSeen }).seen;
    const queues = [aQueue({ pollers }), aQueue({ kind: 'activity', pollers })];
    const server = { is: 'there', seen: { ...seen, queues, ...(workers && { workers }) } } as const;
    const report = reportInWords(facts({}, { server }), []);
    expect(report).toContain(
      'fast enough\tcannot tell: nothing waits, the last poll was 8.0 s ago, and no worker was asked',
    );
  });
});

test('limits are told, and what they hold back is no trouble', () => {
  const limits = { perAccount: { perSecond: 10 }, weights: { acct_big: 5 } };
  const backlog = { tasks: 300, ageMs: 90_000, givenOutPerSecond: 10 };
  const limited = facts({ queues: [aQueue(), aQueue({ kind: 'activity', backlog, limits, partitions: 4 })] });
  expect(codes(limited)).toEqual(['warning limited']);
  const report = reportInWords(limited, findingsOf(limited));
  expect(report).toContain(`seen\tlimits\t${QUEUE}: 10/s per account, 1 account has a weight, in 4 partitions`);
  expect(report).toContain('its limits hold them back (10/s per account, 1 account has a weight)');
  // Weights alone hold nothing back, and workflow tasks have no limits.
  const weighted = { weights: { acct_big: 5 } };
  expect(codes(facts({ queues: [aQueue(), aQueue({ kind: 'activity', backlog, limits: weighted })] }))).toEqual([
    'trouble backlog',
  ]);
  expect(codes(facts({ queues: [aQueue({ backlog }), aQueue({ kind: 'activity', limits })] }))).toEqual([
    'trouble backlog',
  ]);
});

describe('one fault is one finding', () => {
  test.each<[string, Facts, string[]]>([
    ['no server', facts({}, { server: broken('no_temporal_server') }), ['trouble server']],
    ['no namespace', facts({}, { server: broken('namespace_not_found') }), ['trouble namespace']],
    ['a short retention', facts({ retentionMs: 3_600_000 }), ['warning retention']],
    [
      'search attributes are missing',
      facts({ attributes: { missing: { WebhookState: 'KEYWORD' }, clashes: [] } }),
      ['trouble search_attributes'],
    ],
    [
      '… and runs go on without them',
      facts({ attributes: { missing: { WebhookState: 'KEYWORD' }, clashes: [] }, runs: aSurvey([], { open: 3 }) }),
      ['warning search_attributes'],
    ],
    ['no worker', facts({ queues: [dead('workflow'), dead('activity')], workers: 'silent' }), ['trouble no_worker']],
    ['none for activities', facts({ queues: [aQueue(), dead('activity')] }), ['trouble no_worker']],
    [
      'pollers are listed, an activity waits, and none answers',
      facts({ runs: aSurvey([aRun('no_worker', { waitsIn: 'activity' })]), workers: 'silent' }),
      ['trouble no_worker'],
    ],
    [
      'a worker lives, and takes no activities: its slots are taken',
      facts({
        queues: [aQueue(), aQueue({ kind: 'activity', backlog: { tasks: 9, ageMs: 61_000, givenOutPerSecond: 0 } })],
        runs: aSurvey([aRun('overdue'), aRun('no_worker', { waitsIn: 'activity' })]),
      }),
      ['trouble backlog'],
    ],
    [
      'pollers are listed, and a run waits',
      facts({ runs: aSurvey([aRun('no_worker', { waitsIn: 'workflow' })]), workers: 'silent' }),
      ['trouble no_worker'],
    ],
    ['pollers are listed, and none answers', facts({ workers: 'silent' }), ['trouble worker_silent']],
    ['a poll has ended, nothing waits, and no worker answers', facts({ workers: 'busy' }), ['trouble worker_silent']],
    [
      'a worker polls, and is too busy to answer',
      facts({ workers: 'busy', queues: [aQueue({ backlog: { tasks: 8_000, ageMs: 90_000, givenOutPerSecond: 9 } })] }),
      ['trouble backlog'],
    ],
    [
      'a dead worker’s backlog is not told as well',
      facts({ queues: [aQueue({ live: 0, backlog: { tasks: 9, ageMs: 600_000, givenOutPerSecond: 0 } })] }),
      ['trouble no_worker'],
    ],
    [
      'runs are on another queue',
      facts({
        queues: [aQueue(), dead('workflow', 'other')],
        runs: aSurvey([aRun('no_worker', { taskQueue: 'other' })]),
      }),
      ['trouble wrong_queue'],
    ],
    [
      'the workers are too slow',
      facts({ queues: [aQueue({ backlog: { tasks: 9, ageMs: 61_000, givenOutPerSecond: 1 } })] }),
      ['trouble backlog'],
    ],
    ['all slots are taken', facts({ runs: aSurvey([aRun('overdue')]) }), ['trouble runs_overdue']],
    [
      'workers have versions, and none was ever current',
      facts({
        queues: [aQueue({ backlog: { tasks: 9, ageMs: 61_000, givenOutPerSecond: 0 } })],
        versions: { unversioned: 0, versions: [aVersion('2'), aVersion('1')] },
        runs: aSurvey([aRun('overdue'), aRun('no_worker', { version: 'webhooks:1', waitsIn: 'workflow' })]),
        workers: 'silent',
      }),
      ['trouble version_not_current'],
    ],
    [
      'the current version has no worker',
      facts({
        versions: {
          current: 'webhooks:2',
          unversioned: 0,
          versions: [aVersion('2', { status: 'current', workers: 0, openRuns: 0 }), aVersion('1')],
        },
      }),
      ['trouble version_not_current'],
    ],
    [
      'workers without a version poll beside a current one that is gone',
      facts({
        versions: {
          current: 'webhooks:2',
          unversioned: 1,
          versions: [aVersion('2', { status: 'current', workers: 0 })],
        },
      }),
      ['trouble version_not_current'],
    ],
    [
      'runs are pinned to a version that is gone',
      facts({
        versions: {
          current: 'webhooks:2',
          unversioned: 0,
          versions: [
            aVersion('2', { status: 'current' }),
            aVersion('1', { status: 'draining', workers: 0, openRuns: 12, examples: ['call-webhook/call-1'] }),
          ],
        },
        queues: [aQueue({ backlog: { tasks: 9, ageMs: 61_000, givenOutPerSecond: 0 } })],
        runs: aSurvey([aRun('no_worker', { version: 'webhooks:1', waitsIn: 'activity' })]),
      }),
      ['trouble version_gone'],
    ],
    [
      'versions poll no more, like everybody',
      facts({
        queues: [dead('workflow'), dead('activity')],
        versions: { unversioned: 0, versions: [aVersion('1', { workers: 0, openRuns: 3 })] },
        workers: 'silent',
      }),
      ['trouble no_worker'],
    ],
    ['a workflow task fails', facts({ runs: aSurvey([aRun('task_failing')]) }), ['trouble runs_stuck']],
    ['an activity is paused', facts({ runs: aSurvey([aRun('paused')]) }), ['warning runs_paused']],
    ['the secret store is down', facts({ runs: aSurvey([aRun('waiting_for_us')]) }), ['trouble waiting_for_us']],
    [
      'the host does not take its events',
      facts({ runs: aSurvey([aRun('waiting_for_notify')]) }),
      ['trouble waiting_for_notify'],
    ],
    ['the workers’ log is down', facts({ runs: aSurvey([aRun('waiting_for_log')]) }), ['trouble waiting_for_log']],
    [
      'the database is down, and runs wait for it',
      facts({ runs: aSurvey([aRun('waiting_for_log')]) }, { database: broken('postgres_unavailable') }),
      ['trouble database'],
    ],
    ['the schema is old', facts({}, {}, { pending: ['0002'] }), ['trouble schema']],
    [
      'the tables are missing, and runs wait for them',
      facts(
        { runs: aSurvey([aRun('waiting_for_log', { problem: 'the log did not take it (postgres_schema); again' })]) },
        {},
        { pending: ['0001', '0002'] },
      ),
      ['trouble schema'],
    ],
    [
      '… but for another reason than the schema',
      facts(
        { runs: aSurvey([aRun('waiting_for_log', { problem: 'not taken (postgres_access); again' })]) },
        {},
        {
          pending: ['0002'],
        },
      ),
      ['trouble waiting_for_log', 'trouble schema'],
    ],
    [
      'closed runs are unrecorded',
      facts({}, {}, { unrecorded: { compared: 3, isWhole: true, runs: 1, examples: ['call-webhook/a'], unread: 0 } }),
      ['trouble unrecorded'],
    ],
    ['the secrets file is bad', facts({}, { secrets: broken('bad_environment') }), ['trouble secrets']],
    ['the keys are bad', facts({}, { keys: broken('bad_environment') }), ['trouble encryption_keys']],
    ['the keys read no open run', facts({ readsRuns: false }), ['trouble encryption_keys']],
    [
      '… and so none that has closed',
      facts({ readsRuns: false }, {}, { unrecorded: UNCLEAR }),
      ['trouble encryption_keys'],
    ],
    [
      'the certificate ends soon',
      facts({}, { certificateEndsAt: '2026-02-14T23:20:00.000Z' }),
      ['warning certificate'],
    ],
    [
      'the certificate has ended',
      facts({}, { certificateEndsAt: '2026-01-31T23:20:00.000Z' }),
      ['trouble certificate'],
    ],
    ['fairness is off', facts({ fairness: 'off' }), ['warning fairness']],
    ['the clock is off', facts({ clockAheadMs: -31_000 }), ['warning clock']],
    ['a part was refused', facts({ unread: [aPart('PERMISSION_DENIED')] }), ['warning not_seen']],
    ['a part fails', facts({ unread: [aPart('INTERNAL')] }), ['trouble not_seen']],
    [
      'the server takes connections, and answers nothing',
      facts({ unread: [aPart('UNAVAILABLE'), aPart('DEADLINE_EXCEEDED')], queues: [], workers: 'silent' }),
      ['trouble server'],
    ],
    ['… while closed runs are compared', facts({}, {}, { unread: aPart('UNAVAILABLE') }), ['trouble server']],
    ['closed runs may not be listed', facts({}, {}, { unread: aPart('PERMISSION_DENIED') }), ['warning not_seen']],
    ['closed runs cannot be decoded', facts({}, {}, { unrecorded: UNCLEAR }), ['warning not_seen']],
    ['… and others are unrecorded', facts({}, {}, { unrecorded: { ...UNCLEAR, runs: 1 } }), ['trouble unrecorded']],
  ])('%s', (_what, seen, expected) => {
    expect(codes(seen)).toEqual(expected);
    const [finding] = findingsOf(seen);
    expect(finding?.problem).not.toBe('');
    expect(finding?.fix).not.toBe('');
    expect(reportInWords(seen, findingsOf(seen))).toContain(`${expected[0]}: `);
  });
});

test('a version that drains beside the current one is well, and so are workers without versions', () => {
  const drains = [aVersion('2', { status: 'current' }), aVersion('1', { status: 'draining' })];
  const seen = facts({ versions: { current: 'webhooks:2', unversioned: 1, versions: drains } });
  expect(codes(seen)).toEqual([]);
  expect(reportInWords(seen, [])).toContain(
    'worker versions\twebhooks:2 current, 1 worker; webhooks:1 draining, 1 worker; without a version, 1 worker\n',
  );
  expect(codes(facts({ versions: { unversioned: 1, versions: [aVersion('1')] } }))).toEqual([]);
});

test('with versions a backlog is told only if a run is late: tasks of runs that went elsewhere are counted, too', () => {
  const queues = [aQueue({ backlog: { tasks: 1, ageMs: 96_000, givenOutPerSecond: 0 } })];
  const versions = { current: 'webhooks:2', unversioned: 0, versions: [aVersion('2', { status: 'current' as const })] };
  expect(codes(facts({ queues, versions }))).toEqual([]);
  expect(codes(facts({ queues, versions, runs: aSurvey([aRun('overdue')]) }))).toEqual(['trouble backlog']);
  expect(codes(facts({ queues }))).toEqual(['trouble backlog']);
});

test('the finding of a version has the command that makes it current', () => {
  const versions = { unversioned: 0, versions: [aVersion('0.2.0'), aVersion('0.1.0')] };
  const [finding] = findingsOf(facts({ versions }, { namespace: 'calls.a1b2c' }));
  expect(finding?.fix).toBe(
    'temporal worker deployment set-current-version --deployment-name webhooks --build-id 0.2.0 --namespace calls.a1b2c --yes',
  );
});

test('workers of a drained version are listed, may be stopped, and do not take the place of the current one', () => {
  const drained = aVersion('0.1.0', { status: 'drained' });
  const current = aVersion('0.2.0', { status: 'current' });
  const both = facts({ versions: { current: 'webhooks:0.2.0', unversioned: 0, versions: [current, drained] } });
  expect(codes(both)).toEqual([]);
  expect(reportInWords(both, [])).toContain('webhooks:0.2.0 current, 1 worker; webhooks:0.1.0 drained, 1 worker\n');
  expect(notesOn(both)).toContain('webhooks:0.1.0 is drained: its workers can be stopped');

  const next = [drained, aVersion('0.3.0')];
  const [finding] = findingsOf(facts({ versions: { current: 'webhooks:0.2.0', unversioned: 0, versions: next } }));
  expect(finding).toMatchObject({ code: 'version_not_current' });
  expect(finding?.fix).toContain('--build-id 0.3.0 ');
  const [alone] = findingsOf(facts({ versions: { current: 'webhooks:0.2.0', unversioned: 0, versions: [drained] } }));
  expect(alone?.fix).toContain('--build-id 0.1.0 ');
});

test('if only workers without a version poll, the fix names the deployment whose version is current', () => {
  const versions = { current: 'webhooks:0.2.0', unversioned: 1, versions: [] };
  const [finding] = findingsOf(facts({ versions }, { namespace: 'calls.a1b2c' }));
  expect(finding?.fix).toBe(
    'start a worker of the current version, or: temporal worker deployment set-current-version ' +
      '--deployment-name webhooks --unversioned --namespace calls.a1b2c --yes',
  );
});

test('one worker alone, and a secrets file that was not looked at, are notes and not wrong', () => {
  const two = facts({ queues: [aQueue({ live: 2 }), aQueue({ kind: 'activity', live: 1 })] });
  expect(notesOn(two)).toEqual([]);
  expect(summaryOf([], notesOn(two))).toBe('nothing is wrong');

  const small = facts({}, { secrets: { is: 'unset', words: 'TOPCALLS_SECRETS_FILE is not set here' } });
  const notes = notesOn(small);
  expect(notes).toEqual([
    'one worker alone polls: while it restarts, webhooks wait; run two or more',
    'TOPCALLS_SECRETS_FILE is not set here: whether the workers have signing secrets was not looked at',
  ]);
  expect(codes(small)).toEqual([]);
  expect(reportInWords(small, [])).toContain(`\nnote: ${notes[0]}\nnote: ${notes[1]}`);
  expect(summaryOf([], notes)).toBe('nothing is wrong; 2 notes');
  expect(summaryOf(findingsOf(facts({ fairness: 'off' })), notes.slice(1))).toBe('1 warning; 1 note');
  const drains = [aVersion('2', { status: 'current' }), aVersion('1', { status: 'draining' })];
  const versions = { current: 'webhooks:2', unversioned: 0, versions: drains };
  const upgrading = facts({ queues: [aQueue({ live: 2 }), aQueue({ kind: 'activity', live: 2 })], versions });
  expect(notesOn(upgrading)).toEqual([
    'one worker alone has the current version webhooks:2: while it restarts, webhooks wait; run two or more',
  ]);
  // What the server does not say is no note.
  expect(notesOn({ ...small, server: broken('no_temporal_server') })).toEqual(notes.slice(1));
});

test('a client certificate with more than 14 days left is told, and no finding; without one there is no line', () => {
  const seen = facts({}, { certificateEndsAt: '2026-02-14T23:20:01.000Z' });
  expect(codes(seen)).toEqual([]);
  expect(reportInWords(seen, [])).toContain('client certificate\tuntil 2026-02-14T23:20:01.000Z');
  expect(metricsText(seen, [])).toContain('\ntopcalls_webhook_certificate_expires_seconds 1209601\n');
  const ended = facts({}, { certificateEndsAt: '2026-01-31T23:19:00.000Z' });
  expect(metricsText(ended, [])).toContain('\ntopcalls_webhook_certificate_expires_seconds -60\n');
  expect(metricsText(facts(), [])).not.toContain('certificate_expires');
  expect(reportInWords(facts(), [])).not.toContain('certificate');
});

test('why it is not clear whether the server is fair stands in its line', () => {
  const why = 'the server answered PERMISSION_DENIED: no rights here';
  const seen = facts({ fairness: 'unclear', fairnessUnclear: why });
  expect(reportInWords(seen, [])).toContain(`fairness\tunclear: ${why}\n`);
  expect(reportInWords(facts(), [])).toContain('fairness\ton\n');
});

test('a count of the server that lags behind the runs that were seen is not told', () => {
  const survey = aSurvey([aRun('task_failing'), aRun('task_failing')]);
  const runs = { ...survey, counts: { ...survey.counts, task_failing: 1 } };
  expect(findingsOf(facts({ runs }))[0]).toMatchObject({ code: 'runs_stuck', runs: 2 });
  const more = { ...survey, counts: { ...survey.counts, task_failing: 7 } };
  expect(findingsOf(facts({ runs: more }))[0]).toMatchObject({ code: 'runs_stuck', runs: 7 });
});

test('of several workers the line says when the quietest polled, for a stopped one is listed like one that waits', () => {
  const polled = (agoMs: number) => ({ identity: `${agoMs}`, lastPollMs: Date.parse(facts().at) + 500 - agoMs });
  const pollers = [3_000, 200, 90_000].map(polled);
  const lines = (live: number, change: object = {}) =>
    reportInWords(facts({ clockAheadMs: 500, queues: [aQueue({ live, pollers })], ...change }), []);
  expect(lines(2)).toContain(
    'nothing waits; one of them last polled 3 s ago, and one that has stopped counts for up to 75 s',
  );
  for (const report of [lines(1), lines(2, { workers: 'silent' })]) expect(report).not.toContain('last polled');
});

test('workers that are listed and silent are not said to poll, in no line and no note', () => {
  const silent = facts({ workers: 'silent', queues: [aQueue({ live: 1 }), aQueue({ kind: 'activity', live: 0 })] });
  expect(notesOn(silent)).toEqual([]);
  const report = reportInWords(silent, []);
  expect(report).toContain('1 worker is listed and silent');
  expect(report).not.toContain('0 workers are listed');
  // Nobody was asked, and a run proves it: its task has waited since before the last poll.
  const passedOver = aSurvey([{ ...aRun('no_worker'), waitsIn: 'workflow' }]);
  const queues = [aQueue({ live: 1 })];
  expect(reportInWords(facts({ runs: passedOver, queues }), [])).toContain('1 worker is listed and silent');
  expect(reportInWords(facts({ queues }), [])).toContain('1 worker polls');
});

test('the versions of this package are told from the identities of workers', () => {
  const named = ['7@a topcalls-webhooks/0.2.0', '8@b topcalls-webhooks/0.1.0', '9@c topcalls-webhooks/0.2.0', '4@d'];
  const pollers = named.map((identity) => ({ identity, lastPollMs: 0 }));
  expect(reportInWords(facts({ queues: [aQueue({ live: 4, pollers })] }), [])).toContain(
    '4 workers poll (0.1.0, 0.2.0), nothing waits',
  );
});

test.each([
  [12, "equal to the server's, within 0.1 s"],
  [-99, "equal to the server's, within 0.1 s"],
  [0, "equal to the server's, within 0.1 s"],
  [-1_500, "1.5 s ahead of the server's"],
  [1_500, "1.5 s behind the server's"],
])('a clock %d ms behind the server is %s', (clockAheadMs, words) => {
  expect(reportInWords(facts({ clockAheadMs }), [])).toContain(`clock\t${words}\n`);
});

test.each([
  [1, 2, '1 worker polls (1 more is listed, dead or busy), nothing waits'],
  [2, 4, '2 workers poll (2 more are listed, dead or busy), nothing waits'],
  [0, 0, '0 workers poll, nothing waits'],
  [0, 1, '0 workers poll (1 is listed, dead or busy), nothing waits'],
])('a queue with %d of %d workers alive', (live, listed, words) => {
  const pollers = Array.from({ length: listed }, () => aQueue().pollers[0]!);
  expect(reportInWords(facts({ queues: [aQueue({ live, pollers })] }), [])).toContain(words);
});

test('runs that wait for us for several reasons are told what helps each of them, once', () => {
  const fixFor = (...codes: readonly string[]): string | undefined => {
    const runs = codes.map((code) => aRun('waiting_for_us', { problem: `cannot send (${code}); no attempt is spent` }));
    return findingsOf(facts({ runs: aSurvey(runs) })).find(({ code }) => code === 'waiting_for_us')?.fix;
  };
  const then = '; then topcalls-webhooks retry-now --waiting-for-us --all';
  const [storeDown, noStore] = ['bring the store of secrets back', 'pass `secrets` to the activities of every worker'];
  const otherwise = 'fix the store of secrets or what else is named';
  expect(fixFor('secret_store_down', 'secret_store_down')).toBe(storeDown + then);
  expect(fixFor('secret_store_down', 'secret_store_missing')).toBe(`${storeDown}; ${noStore}${then}`);
  expect(fixFor('something_new', 'secret_store_down')).toBe(`${otherwise}; ${storeDown}${then}`);
  expect(fixFor('something_new')).toBe(otherwise + then);
});

test('the line of the open runs says whether any of them stands still', () => {
  const lineOf = (runs: NonNullable<ServerSeen['runs']>): string =>
    /open runs\t(.*)/.exec(reportInWords(facts({ runs }), []))?.[1] ?? 'nothing';
  expect(lineOf({ ...aSurvey([]), open: 2, retrying: 1, described: 2 })).toBe(
    '2, of them retrying 1; 2 looked at, none stands still',
  );
  expect(lineOf(aSurvey([aRun('paused')]))).toMatch(/ looked at, 1 stands still$/);
  expect(lineOf(aSurvey([aRun('paused'), aRun('task_failing')]))).toMatch(/ looked at, 2 stand still$/);
  expect(lineOf({ ...aSurvey([]), open: 0, retrying: 0, described: 0 })).toBe('0, of them retrying 0');
  // A run that waits for us and has no worker is counted as both, by the server and by the look at it.
  const many = aSurvey([aRun('no_worker')], { open: 550, described: 160, isWhole: false });
  const overlapping = { ...many, counts: { ...many.counts, no_worker: 151, waiting_for_us: 462 } };
  expect(lineOf(overlapping)).toMatch(/^550, .* 160 looked at, at least 462 stand still$/);
});

test('of many open runs only some are looked at, so a count is a least one, unless the server counts', () => {
  const [log, stuck] = findingsOf(
    facts({
      runs: aSurvey([aRun('waiting_for_log'), aRun('task_failing')], { open: 10_000, isWhole: false }),
    }),
  ).toSorted((one, other) => (one.code < other.code ? 1 : -1));
  expect(log?.problem).toMatch(/^at least 1 run: over, and still open/);
  expect(log).not.toHaveProperty('runs');
  expect(stuck).toMatchObject({ runs: 1, examples: ['call-webhook/call-1'] });
  expect(reportInWords(facts(), log === undefined ? [] : [log])).toContain('call-webhook/call-1  and perhaps more');
});

test.each<[number, string, Facts]>([
  [0, 'nothing is wrong', facts()],
  [3, 'a server that answers only for the namespace', facts({ unread: [aPart('UNAVAILABLE')] })],
  [0, 'a right that the doctor lacks', facts({ unread: [aPart('PERMISSION_DENIED')] })],
  [0, 'a warning', facts({ fairness: 'off' })],
  [1, 'trouble', facts({ runs: aSurvey([aRun('task_failing')]) })],
  [1, 'no such namespace', facts({}, { server: broken('namespace_not_found') })],
  [1, 'a database that is down', facts({}, { database: broken('postgres_unavailable', 3) })],
  [2, 'a URL that names no database', facts({}, { database: broken('bad_database_url', 2) })],
  [2, 'a profile that cannot be read', facts({}, { server: broken('temporal_profile', 2) })],
  [3, 'no server', facts({}, { server: broken('no_temporal_server', 3), database: broken('postgres_unavailable', 3) })],
])('exit code %i: %s', (code, _what, seen) => {
  expect(exitOf(seen, findingsOf(seen))).toBe(code);
});

test('trouble is told before warnings', () => {
  expect(codes(facts({ fairness: 'off', runs: aSurvey([aRun('task_failing')]) }))).toEqual([
    'trouble runs_stuck',
    'warning fairness',
  ]);
});

test('metrics are one line per number, and a number that was not seen is left out', () => {
  const seen = facts({
    runs: aSurvey([aRun('task_failing'), aRun('no_worker', { waitsIn: 'workflow' })], { open: 7, retrying: 4 }),
  });
  const lines = metricsText(seen, findingsOf(seen)).split('\n');
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
    'topcalls_webhook_server_up 1',
    'topcalls_webhook_database_up 1',
    'topcalls_webhook_pollers{task_queue="topcalls-webhooks",kind="workflow"} 1',
    'topcalls_webhook_pollers{task_queue="topcalls-webhooks",kind="activity"} 1',
    'topcalls_webhook_backlog{task_queue="topcalls-webhooks",kind="workflow"} 0',
    'topcalls_webhook_backlog{task_queue="topcalls-webhooks",kind="activity"} 0',
    'topcalls_webhook_backlog_age_seconds{task_queue="topcalls-webhooks",kind="workflow"} 0',
    'topcalls_webhook_backlog_age_seconds{task_queue="topcalls-webhooks",kind="activity"} 0',
    'topcalls_webhook_runs_open 7',
    'topcalls_webhook_runs_retrying 4',
    'topcalls_webhook_runs_stuck 1',
    'topcalls_webhook_runs_overdue 1',
    'topcalls_webhook_runs_paused 0',
    'topcalls_webhook_runs_waiting{for="us"} 0',
    'topcalls_webhook_runs_waiting{for="log"} 0',
    'topcalls_webhook_runs_waiting{for="notify"} 0',
    'topcalls_webhook_unrecorded 0',
    'topcalls_webhook_doctor_findings{severity="trouble"} 2',
    'topcalls_webhook_doctor_findings{severity="warning"} 0',
  ]);
  const down = facts({}, { server: broken('no_temporal_server'), database: broken('postgres_unavailable') });
  expect(
    metricsText(down, findingsOf(down))
      .split('\n')
      .filter((line) => !line.startsWith('#')),
  ).toEqual([
    'topcalls_webhook_server_up 0',
    'topcalls_webhook_database_up 0',
    'topcalls_webhook_doctor_findings{severity="trouble"} 2',
    'topcalls_webhook_doctor_findings{severity="warning"} 0',
  ]);
});

test('what nobody knows is no number: a failing server is down, and an unreadable run is not recorded', () => {
  const told = (seen: Facts): string => metricsText(seen, findingsOf(seen));
  expect(told(facts({ unread: [aPart('DEADLINE_EXCEEDED')] }))).toMatch(/^topcalls_webhook_server_up 0$/m);
  expect(told(facts({ unread: [aPart('PERMISSION_DENIED')] }))).toMatch(/^topcalls_webhook_server_up 1$/m);
  const closed = told(facts({}, {}, { unread: aPart('UNAVAILABLE') }));
  expect(closed).toMatch(/^topcalls_webhook_server_up 0$/m);
  expect(closed).toMatch(/^topcalls_webhook_database_up 1$/m);
  expect(told(facts({}, {}, { unrecorded: UNCLEAR }))).not.toContain('topcalls_webhook_unrecorded');
  expect(told(facts({}, {}, { unrecorded: { ...UNCLEAR, runs: 1 } }))).toMatch(/^topcalls_webhook_unrecorded 1$/m);
});

test('a task queue of any name keeps the text readable for Prometheus', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (taskQueue) => {
      const seen = facts({ queues: [aQueue({ taskQueue })] }, { taskQueue });
      const line = /^topcalls_webhook_pollers\{task_queue="((?:[^"\\\n]|\\["\\n])*)",kind="workflow"\} 1$/m;
      expect(metricsText(seen, [])).toMatch(line);
    }),
  );
});

test('the page lists every finding and every metric, and no other', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/operate.md'), 'utf8');
  const [, section = ''] = /^## The doctor$(.*?)^## /ms.exec(page) ?? [];
  const listed = [...section.matchAll(/^\| `([a-z_]+)` \| (?:trouble|warning)/gm)].map(([, code]) => code);
  expect(new Set(listed)).toEqual(new Set(FINDING_CODES));
  const named = new Set([...section.matchAll(/`(topcalls_webhook_[a-z_]+)/g)].map(([, name]) => name));
  const text = metricsText(facts({}, { certificateEndsAt: '2026-02-28T23:20:00.000Z' }), []);
  const made = new Set([...text.matchAll(/^(topcalls_webhook_[a-z_]+)/gm)].map(([, name]) => name));
  expect(named).toEqual(made);
});

test('the help tells that a probe workflow is started, and what leaves it out', () => {
  let help = '';
  const command = doctorCommand({} as Terminal, () => undefined);
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  expect(help).toContain('starts a probe workflow');
  expect(help).toMatch(/--no-probe +ask no worker, and start no probe workflow/);
  expect(help).not.toContain('changes nothing.');
});
