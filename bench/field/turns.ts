/** The turns that a contestant takes: a burst for throughput and processor time, and a steady stream for lateness. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PAGE_CALL } from '../../cli/demo/page-sample.ts';
import type { Child } from './child.ts';
import type { Contestant, Engine } from './contestants.ts';
import type { Job } from './job.ts';
import type { Servers } from './servers.ts';

/** A contestant with its worker running. */
export type Player = { readonly contestant: Contestant; readonly worker: Child; readonly engine: Engine };

/** Processor time per 1,000 calls, seconds. */
export type Cpu = { readonly worker: number; readonly server: number; readonly engine: number; readonly all: number };

export type Burst = { readonly callsPerSecond: number; readonly cpu: Cpu };

const STARTS_AT_ONCE = 50;
const GIVE_UP_MS = 120_000;

/**
 * Reports `calls` calls as fast as the engine can, all of which settle for `settleMs`. The time that counts is the time
 * until everything is started and waits, and then the time from the first call's due time to the last POST.
 */
export async function burst(
  { contestant, worker, engine }: Player,
  servers: Servers,
  { calls, settleMs }: { readonly calls: number; readonly settleMs: number },
): Promise<Burst> {
  const prefix = `burst-${randomUUID()}`;
  await quiet(worker);
  const before = await spent(contestant, worker, servers);
  const { recorded } = await worker.usage();
  const startedAt = Date.now();
  await inTurns(calls, STARTS_AT_ONCE, (index) => engine.report(jobOf(`${prefix}-${index}`, servers, settleMs)));
  const waitingAt = await quiet(worker);
  let lastAt = startedAt + settleMs;
  if (contestant.posts) {
    await until('the POSTs', async () => (await servers.receivers.ask<number>({ ask: 'count', prefix })) === calls);
    const arrivals = await servers.receivers.ask<[string, number][]>({ ask: 'arrivals', prefix });
    lastAt = Math.max(...arrivals.map(([, at]) => at));
    await until('the records', async () => (await worker.usage()).recorded - recorded >= calls);
    if (waitingAt > startedAt + settleMs)
      process.stderr.write(`${contestant.name}: the first call was due before all calls were started\n`);
  }
  await quiet(worker);
  const after = await spent(contestant, worker, servers);
  const busyMs = waitingAt - startedAt + Math.max(0, lastAt - startedAt - settleMs);
  const per = (ms: number): number => ms / calls;
  const cpu = {
    worker: per(after.worker - before.worker),
    server: per(after.server - before.server),
    engine: per(after.engine - before.engine),
  };
  return { callsPerSecond: (calls / busyMs) * 1_000, cpu: { ...cpu, all: cpu.worker + cpu.server + cpu.engine } };
}

/** Reports `perSecond` calls a second for `seconds`. How late each POST came after its settle time, ms; of those that
 *  go to a receiver that answers. Every fifth goes to one that hangs if `hung`. */
export async function stream(
  { engine }: Player,
  servers: Servers,
  stream: { readonly perSecond: number; readonly seconds: number; readonly settleMs: number; readonly hung?: boolean },
): Promise<readonly number[]> {
  const prefix = `stream-${randomUUID()}`;
  const count = Math.round(stream.perSecond * stream.seconds);
  const dueAt = new Map<string, number>();
  const firstAt = Date.now() + 100;
  const reports: Promise<unknown>[] = [];
  for (let index = 0; index < count; index += 1) {
    await delay(Math.max(0, firstAt + (index * 1_000) / stream.perSecond - Date.now()));
    const isHung = stream.hung === true && index % 5 === 0;
    const callId = `${isHung ? 'hung' : prefix}-${index}-${prefix}`;
    if (!isHung) dueAt.set(callId, Date.now() + stream.settleMs);
    reports.push(engine.report(jobOf(callId, servers, stream.settleMs, isHung ? '/hung' : '')));
  }
  await Promise.all(reports);
  const seen = () => servers.receivers.ask<[string, number][]>({ ask: 'arrivals', prefix });
  await until('the POSTs', async () => (await seen()).length === dueAt.size);
  return (await seen()).map(([callId, at]) => at - (dueAt.get(callId) ?? Number.NaN));
}

export function jobOf(callId: string, { receiverPort }: Servers, settleMs: number, path = ''): Job {
  return {
    call: { call_id: callId, ...PAGE_CALL },
    url: `http://127.0.0.1:${receiverPort}${path}/webhooks/call-complete`,
    secretRef: 'main',
    settleMs,
  };
}

async function spent({ state }: Contestant, worker: Child, servers: Servers) {
  const { user, system } = process.cpuUsage();
  return { worker: (await worker.usage()).cpuMs, server: servers.cpuMs(state), engine: (user + system) / 1_000 };
}

/** Resolves once the worker has had next to nothing to do for a while, with the time since which that is so. */
export async function quiet(worker: Child): Promise<number> {
  let since = Date.now();
  let before = (await worker.usage()).cpuMs;
  const giveUpAt = since + GIVE_UP_MS;
  while (Date.now() - since < 400) {
    if (Date.now() > giveUpAt) throw new Error('a worker of the bench does not come to rest');
    await delay(100);
    const { cpuMs } = await worker.usage();
    if (cpuMs - before > BUSY_MS) since = Date.now();
    before = cpuMs;
  }
  return since;
}

/** In 100 ms. A worker that only polls and answers us needs less. */
const BUSY_MS = 12;

async function inTurns(count: number, atOnce: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${GIVE_UP_MS / 1_000} s for ${what}`);
    await delay(50);
  }
}

/** Resident memory of a worker that has just begun, MB for 1,000 calls that settle. */
export async function waitingMb({ worker, engine }: Player, servers: Servers, calls: number): Promise<number> {
  const prefix = `wait-${randomUUID()}`;
  const settleMs = 3_600_000;
  const report = (index: number) => engine.report(jobOf(`${prefix}-${index}`, servers, settleMs));
  // The first ones also pay for code that is loaded and compiled.
  await inTurns(WARM_WAITING, STARTS_AT_ONCE, report);
  await quiet(worker);
  const before = await worker.usage();
  await inTurns(calls, STARTS_AT_ONCE, (index) => report(WARM_WAITING + index));
  await quiet(worker);
  const after = await worker.usage();
  return ((after.rssMb - before.rssMb) / calls) * 1_000;
}

const WARM_WAITING = 100;

/** Bytes of a call's history, if the contestant is a workflow of Temporal. */
export async function historyOf({ contestant, engine }: Player, servers: Servers): Promise<number | undefined> {
  const { workflowId } = contestant;
  if (workflowId === undefined) return undefined;
  const callId = `history-${randomUUID()}`;
  await engine.report(jobOf(callId, servers, 1_000));
  const handle = servers.temporal.client.workflow.getHandle(workflowId(callId));
  await handle.result();
  const { raw } = await handle.describe();
  return Number(raw.workflowExecutionInfo?.historySizeBytes);
}
