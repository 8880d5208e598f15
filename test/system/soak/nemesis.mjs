/** Does what the plan says, to a part at a time that is not suffering already; notes each fault from when to when it lasted. */
import { setTimeout as delay } from 'node:timers/promises';

/** Carries out `plan`; resolves when its last fault has healed. `signal` ends it early. */
export async function unleash(stage, plan, { note, say, signal }) {
  const suffering = new Set();
  const healing = [];
  const startedAt = Date.now();
  for (const { afterMs, fault, worker, lastsMs } of plan) {
    await delay(Math.max(0, startedAt + afterMs - Date.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const victims = victimsOf(fault, worker, stage);
    if (victims.some((each) => suffering.has(each))) continue;
    const inflict = async () => {
      for (const victim of victims) suffering.add(victim);
      const from = Date.now();
      const more = await FAULTS[fault](stage, { lastsMs, worker: stage.workers[worker - 1] });
      for (const victim of victims) suffering.delete(victim);
      const line = { from, to: Date.now(), ...more };
      note({ type: 'fault', fault, victim: victims.join(', '), ...line });
      say(`${fault} ${worker ?? ''} for ${((line.to - line.from) / 1_000).toFixed(1)} s`);
    };
    healing.push(inflict());
  }
  await Promise.all(healing);
}

/** The parts that a fault is done to. */
function victimsOf(fault, worker, { workers }) {
  if (fault === 'kill-workers' || fault === 'kill-taker') return workers.map(({ name }) => name);
  return [worker === undefined ? fault.split('-')[1] : `worker-${worker}`];
}

const FAULTS = {
  'kill-worker': async (_stage, { worker, lastsMs }) => {
    await worker.end('SIGKILL');
    await delay(lastsMs);
    worker.start();
  },
  'kill-workers': (stage, { lastsMs }) => killAll(stage, lastsMs),
  // After the 2xx, before the server knows of it: the longest way for an attempt to be made again.
  'kill-taker': async (stage, { lastsMs }) => {
    await stage.receiver.nextTaken();
    const from = Date.now();
    await killAll(stage, lastsMs);
    return { from };
  },
  'stop-worker': async (_stage, { worker, lastsMs }) => {
    worker.signal('SIGSTOP');
    await delay(lastsMs);
    worker.signal('SIGCONT');
  },
  'term-worker': async (_stage, { worker, lastsMs }) => {
    const from = Date.now();
    const ended = await worker.end('SIGTERM');
    const tookMs = Date.now() - from;
    await delay(lastsMs);
    worker.start();
    return { ...ended, tookMs };
  },
  'kill-server': async ({ temporal }, { lastsMs }) => {
    await temporal.kill();
    await delay(lastsMs);
    await temporal.restart();
  },
  'stop-postgres': async ({ postgres }, { lastsMs }) => {
    await postgres.stop();
    await delay(lastsMs);
    await postgres.restart();
  },
  'hold-postgres': ({ postgresProxy }, { lastsMs }) => whileIn(postgresProxy, 'hold', lastsMs),
  'deafen-postgres': ({ postgresProxy }, { lastsMs }) => whileIn(postgresProxy, 'loseAnswers', lastsMs),
  'cut-worker': async (_stage, { worker }) => worker.proxy.cut(),
  'hold-worker': (_stage, { worker, lastsMs }) => whileIn(worker.proxy, 'hold', lastsMs),
  'deafen-worker': (_stage, { worker, lastsMs }) => whileIn(worker.proxy, 'loseAnswers', lastsMs),
  'refuse-worker': (_stage, { worker, lastsMs }) => whileIn(worker.proxy, 'refuse', lastsMs),
  'cut-engine': async ({ engineProxy }) => engineProxy.cut(),
  'hold-engine': ({ engineProxy }, { lastsMs }) => whileIn(engineProxy, 'hold', lastsMs),
  'deafen-engine': ({ engineProxy }, { lastsMs }) => whileIn(engineProxy, 'loseAnswers', lastsMs),
};

async function killAll({ workers }, lastsMs) {
  await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
  await delay(lastsMs);
  for (const worker of workers) worker.start();
}

async function whileIn(proxy, trouble, lastsMs) {
  proxy[trouble]();
  await delay(lastsMs);
  proxy.heal();
}
