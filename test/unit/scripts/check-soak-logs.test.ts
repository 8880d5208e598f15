/** The soak's checker works: it finds nothing in a good log, and one planted fault of each kind. */
import { describe, expect, it } from '@jest/globals';
import { checkLogs } from '../../system/soak/check-logs.ts';
import { COUNTS, type CountName } from '../../system/soak/counts.ts';
import type { ReceiverLine } from '../../support/receiver-lines.ts';
import type { FaultLine, FinalLine, OpLine, SoakLogs } from '../../system/soak/log-lines.ts';

const LADDER = [1_000, 2_000];
const CALL = 'call-webhook/one';
const T = 1_000_000;

type Lines = { -readonly [K in keyof SoakLogs]: SoakLogs[K][number][] };

/** One call with one endpoint: 503, then 200 a rung later; recorded and closed as delivered. */
function goodLogs(): Lines {
  return {
    ops: [{ at: T, doneAt: T + 10, op: 'start', workflowId: CALL, outcome: 'ok' }],
    receiver: [...aPost(1, T + 100, 1, 503), ...aPost(2, T + 1_200, 2, 200)],
    faults: [{ type: 'healed', at: T + 90_000 }],
    final: [aRun(), aRow(), aState('delivered'), aResult()],
  };
}

function aPost(n: number, at: number, attempt: number, status: number | undefined): ReceiverLine[] {
  const arrived = { type: 'arrived', at, n, hook: 'good/one/0', id: 'msg_1', attempt } as const;
  return [
    { ...arrived, bodySha256: 'aa', verdict: 'ok', sentAt: at - 300 },
    ...(status === undefined ? [] : [{ type: 'answering', at: at + 5, n, status } as const]),
    { type: 'ended', at: at + 6, n, fate: 'whole' },
  ];
}

const ATTEMPTS = [
  { number: 1, outcome: 'http', status: 503 },
  { number: 2, outcome: 'delivered', status: 200 },
];

function aRun(change: Partial<Extract<FinalLine, { type: 'run' }>> = {}): FinalLine {
  return {
    type: 'run',
    workflowId: CALL,
    runId: 'run-1',
    status: 'COMPLETED',
    shownState: 'delivered',
    state: 'delivered',
    cycle: 1,
    endpoints: [{ endpointId: 'ep_1', webhookId: 'msg_1' }],
    deliveries: [{ webhookId: 'msg_1', state: 'delivered', attempts: ATTEMPTS }],
    startedAt: T,
    closedAt: T + 1_300,
    cancels: [],
    ...change,
  };
}

function aRow(change: Partial<Extract<FinalLine, { type: 'row' }>> = {}): FinalLine {
  const row = {
    type: 'row',
    webhookId: 'msg_1',
    cycle: 1,
    runId: 'run-1',
    workflowId: CALL,
    bodySha256: 'aa',
    endedAt: T + 1_300,
  } as const;
  return { ...row, state: 'delivered', attempts: ATTEMPTS, ...change };
}

function aState(state: string): FinalLine {
  return { type: 'state', webhookId: 'msg_1', cycle: 1, runId: 'run-1', state };
}

function aResult(state = 'delivered'): FinalLine {
  const deliveries = [{ webhookId: 'msg_1', state, attempts: ATTEMPTS }];
  return { type: 'result', workflowId: CALL, runId: 'run-1', deliveries };
}

function aFault(fault: string, from: number, to: number, more: Partial<FaultLine> = {}): FaultLine {
  return { type: 'fault', fault, victim: 'worker-1', from, to, ...more } as FaultLine;
}

function anOp(op: string, at: number, more: Partial<OpLine> = {}): OpLine {
  return { at, doneAt: at + 10, op, workflowId: CALL, outcome: 'ok', ...more };
}

/** The good logs with lines of one kind replaced, or damaged in place. */
function logsWith(damage: (logs: Lines) => void): SoakLogs {
  const logs = goodLogs();
  damage(logs);
  return logs;
}

function found(logs: SoakLogs): CountName[] {
  const { counts } = checkLogs(logs, LADDER);
  return (Object.keys(COUNTS) as CountName[]).filter((name) => counts[name] > 0);
}

/** Replaces the run, row, state and result by those of a delivery that ended in `state` after these attempts. */
function endedIn(logs: Lines, state: string, status: string, attempts: typeof ATTEMPTS): void {
  const deliveries = [{ webhookId: 'msg_1', state, attempts }];
  logs.final = [
    aRun({ status, state, shownState: state, deliveries }),
    aRow({ state, attempts }),
    aState(state),
    aResult(state),
  ];
}

describe('good logs', () => {
  it('break no promise', () => {
    expect(checkLogs(goodLogs(), LADDER).violations).toEqual([]);
  });

  it('may have a start nobody heard of, and one that never happened', () => {
    const logs = logsWith(({ ops }) => {
      ops[0] = anOp('start', T, { outcome: 'unknown' });
      ops.push(
        anOp('start', T, { workflowId: 'call-webhook/lost', outcome: 'unknown', error: 'temporal_unavailable' }),
      );
    });
    expect(found(logs)).toEqual([]);
  });

  it('may have an attempt before its rung that somebody hurried', () => {
    const logs = logsWith((each) => {
      each.receiver = [...aPost(1, T + 100, 1, 503), ...aPost(2, T + 400, 2, 200)];
      each.ops.push(anOp('retryNow', T + 300));
    });
    expect(found(logs)).toEqual([]);
  });

  it('may have a run that an operator reset while its first attempt was in flight, which then delivers anew', () => {
    const logs = logsWith((each) => {
      const [first, ...rest] = aPost(1, T + 100, 1, undefined);
      each.receiver = [first!, ...aPost(2, T + 300, 1, 503), ...rest, ...aPost(3, T + 1_400, 2, 200)];
      each.ops.push(anOp('reset', T + 150));
      each.final = [aRun({ resetFrom: 'run-0' }), aRow(), aState('delivered'), aResult()];
      each.final.push(aRun({ runId: 'run-0', status: 'TERMINATED', deliveries: [] }));
      each.final.push(aRow({ runId: 'run-0', state: 'terminated', attempts: [] }));
    });
    expect(found(logs)).toEqual([]);
  });

  it('may have a run reset to a decision after its record, which is then the only one of the cycle', () => {
    const logs = logsWith((each) => {
      each.ops.push(anOp('reset', T + 1_400));
      each.final.push(aRun({ runId: 'run-2', resetFrom: 'run-1', startedAt: T + 1_450 }));
    });
    expect(found(logs)).toEqual([]);
  });

  it('may have an attempt sent late, beside the next, by a worker that stood still for longer than an attempt may take', () => {
    const logs = logsWith((each) => {
      each.receiver = [...aPost(1, T + 100, 2, 200), ...aPost(2, T + 200, 1, 503)];
      each.faults.push(aFault('stop-worker', T - 40_000, T + 150));
    });
    expect(found(logs)).toEqual([]);
  });

  it('may have a failed delivery that a receiver took while something was broken', () => {
    const logs = logsWith((each) => {
      endedIn(each, 'failed', 'FAILED', [
        { number: 1, outcome: 'http', status: 503 },
        { number: 2, outcome: 'unknown', status: 0 },
      ]);
      each.faults.push(aFault('kill-worker', T + 1_203, T + 3_000));
    });
    expect(found(logs)).toEqual([]);
  });
});

describe('faults excuse what they explain', () => {
  it('a record at the 2xx, overruled because the run never heard of it', () => {
    const logs = logsWith((each) => {
      endedIn(each, 'cancelled', 'CANCELLED', [
        { number: 1, outcome: 'http', status: 503 },
        { number: 2, outcome: 'unknown', status: 0 },
      ]);
      each.final.splice(2, 0, aState('delivered'));
      each.faults.push(aFault('hold-worker', T + 1_000, T + 40_000));
    });
    expect(found(logs)).toEqual([]);
    expect(checkLogs(logs, LADDER).numbers['overruled']).toBe(1);
  });

  it('an attempt that was given out before the cancel, to a worker that stood still for a moment', () => {
    const logs = logsWith((each) => {
      each.final[0] = aRun({ cancels: [{ heardAt: T - 2_000, by: 'signal' }] });
      each.faults.push(aFault('hold-worker', T - 3_000, T + 50));
    });
    expect(found(logs)).toEqual([]);
  });
});

/** What is planted, and what must be found. */
const PLANTED: readonly (readonly [CountName, string, (logs: Lines) => void])[] = [
  [
    'lost',
    'an accepted call without a run',
    ({ ops }) => void ops.push(anOp('start', T, { workflowId: 'call-webhook/two' })),
  ],
  ['lost', 'a run without a row', (logs) => void (logs.final = [aRun(), aState('delivered'), aResult()])],
  ['lost', 'an accepted redelivery without a run', ({ ops }) => void ops.push(anOp('redeliver', T, { cycle: 2 }))],
  ['unexpected', 'a POST that no run explains', ({ receiver }) => void receiver.push(...aStranger())],
  [
    'unexpected',
    'a run nobody asked for',
    ({ final }) => void final.push(aRun({ workflowId: 'call-webhook/x', cycle: 2, endpoints: [] })),
  ],
  ['unexpected', 'a row of no run', ({ final }) => void final.push(aRow({ cycle: 2 }))],
  [
    'unexpected',
    'a cycle that ran twice',
    ({ final }) => void final.push(aRun({ runId: 'run-2', startedAt: T + 5_000 })),
  ],
  [
    'disagreeing',
    'a run after a reset that says otherwise than the record in its history',
    ({ ops, final }) => {
      ops.push(anOp('reset', T + 1_400));
      const deliveries = [{ webhookId: 'msg_1', state: 'failed', attempts: ATTEMPTS }];
      const outcome = { status: 'FAILED', state: 'failed', shownState: 'failed', deliveries };
      final.push(aRun({ runId: 'run-2', resetFrom: 'run-1', startedAt: T + 1_450, ...outcome }));
    },
  ],
  ['unexpected', 'a reset that nobody asked for', (logs) => void (logs.final[0] = aRun({ resetFrom: 'run-0' }))],
  ['doubleFinal', 'two final states', ({ final }) => void final.push(aState('failed'))],
  [
    'untrue',
    'a 2xx that was never answered',
    (logs) => void (logs.receiver = [...aPost(1, T + 100, 1, 503), ...aPost(2, T + 1_200, 2, 500)]),
  ],
  [
    'missed',
    'a 2xx recorded as failed',
    (logs) =>
      endedIn(logs, 'failed', 'FAILED', [...ATTEMPTS.slice(0, 1), { number: 2, outcome: 'network', status: 0 }]),
  ],
  ['forgotten', 'an attempt in no record', (logs) => endedIn(logs, 'delivered', 'COMPLETED', ATTEMPTS.slice(1))],
  ['mutated', 'other bytes', (logs) => change(logs, 2, { bodySha256: 'bb' })],
  ['mutated', 'another id for one endpoint', (logs) => change(logs, 2, { hook: 'good/one/0', id: 'msg_2' })],
  ['badlySigned', 'a signature that does not hold', (logs) => change(logs, 2, { verdict: 'no_match' })],
  ['badlySigned', 'a time that is off', (logs) => change(logs, 2, { sentAt: T - 10_000 })],
  ['over', 'an attempt made twice', ({ receiver }) => void receiver.push(...aPost(3, T + 1_900, 2, 200))],
  ['over', 'more attempts than the ladder has', ({ receiver }) => void receiver.push(...aPost(3, T + 9_000, 4, 200))],
  ['overlapping', 'two in flight', (logs) => void (logs.receiver = [...stillHeld(), ...aPost(2, T + 1_200, 2, 200)])],
  [
    'early',
    'an attempt before its rung',
    (logs) => void (logs.receiver = [...aPost(1, T + 100, 1, 503), ...aPost(2, T + 900, 2, 200)]),
  ],
  [
    'early',
    'an attempt before its rung after a hurry that came while it was in flight',
    (logs) => {
      logs.receiver = [...aPost(1, T + 100, 1, 503), ...aPost(2, T + 900, 2, 200)];
      logs.ops.push(anOp('retryNow', T + 20));
    },
  ],
  [
    'afterCancel',
    'an attempt after the cancel',
    (logs) => void (logs.final[0] = aRun({ cancels: [{ heardAt: T - 2_000, by: 'signal' }] })),
  ],
  [
    'touched',
    'a forbidden connection',
    ({ receiver }) => void receiver.push({ type: 'touched', at: T, what: 'a connection' }),
  ],
  ['disagreeing', 'result() against the log', (logs) => void (logs.final[3] = aResult('failed'))],
  ['disagreeing', 'the close status against the outcome', (logs) => void (logs.final[0] = aRun({ status: 'FAILED' }))],
  ['disagreeing', 'history against the log', (logs) => void (logs.final = [aRun({ deliveries: [] }), aRow()])],
  [
    'disagreeing',
    'a search attribute that still says retrying',
    (logs) => void (logs.final[0] = aRun({ shownState: 'retrying' })),
  ],
  [
    'died',
    'a worker that ended by itself',
    ({ faults }) => void faults.push({ type: 'died', at: T, worker: 'worker-1', exitCode: 1 }),
  ],
  [
    'died',
    'a worker that ended badly',
    ({ faults }) => void faults.push(aFault('term-worker', T, T + 9, { exitCode: 1, wasReady: true })),
  ],
  [
    'surprising',
    'an error of another kind',
    ({ ops }) => void ops.push(anOp('status', T, { outcome: 'error', error: 'unreadable_run' })),
  ],
  [
    'surprising',
    'an accepted call that is not found',
    ({ ops }) => void ops.push(anOp('status', T + 500, { outcome: 'error', error: 'not_found' })),
  ],
  ['open', 'a run that never ended', (logs) => void (logs.final = [aRun({ status: 'RUNNING', deliveries: [] })])],
];

describe('what is planted is found', () => {
  it.each(PLANTED)('%s: %s', (count, _what, damage) => {
    expect(found(logsWith(damage))).toContain(count);
  });

  it('for every count', () => {
    expect(new Set(PLANTED.map(([count]) => count))).toEqual(new Set(Object.keys(COUNTS)));
  });
});

function aStranger(): ReceiverLine[] {
  const [arrived, ...others] = aPost(9, T + 100, 1, 200);
  return [{ ...arrived, id: 'msg_9', hook: 'good/nine/0' } as ReceiverLine, ...others];
}

/** Attempt 1, unanswered and open until long after attempt 2. */
function stillHeld(): ReceiverLine[] {
  return aPost(1, T + 100, 1, undefined).map((line) => (line.type === 'ended' ? { ...line, at: T + 9_000 } : line));
}

function change(logs: Lines, n: number, damage: Record<string, unknown>): void {
  logs.receiver = logs.receiver.map((line) =>
    line.type === 'arrived' && line.n === n ? { ...line, ...damage } : line,
  );
}
