/** Does what the plan says, to a part at a time that is not suffering already; notes each fault from when to when it lasted. */
import { setTimeout as delay } from 'node:timers/promises';

/** Carries out `plan`; resolves when its last fault has healed. `signal` ends it early. */
export async function unleash(stage, plan, { note, say, signal }) {
  const suffering = new Map();
  const startedAt = Date.now();
  for (const { afterMs, fault, worker, lastsMs } of plan) {
    await delay(Math.max(0, startedAt + afterMs - Date.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const victim = worker === undefined ? fault.split('-')[1] : `worker-${worker}`;
    if (suffering.has(victim)) continue;
    const inflict = async () => {
      const from = Date.now();
      const more = await FAULTS[fault](stage, { lastsMs, worker: stage.workers[worker - 1] });
      note({ type: 'fault', fault, victim, from, to: Date.now(), ...more });
      say(`${fault} ${worker ?? ''} for ${((Date.now() - from) / 1_000).toFixed(1)} s`);
    };
    suffering.set(
      victim,
      inflict().finally(() => suffering.delete(victim)),
    );
  }
  await Promise.all(suffering.values());
}

const FAULTS = {
  'kill-worker': async (_stage, { worker, lastsMs }) => {
    await worker.end('SIGKILL');
    await delay(lastsMs);
    worker.start();
  },
  'stop-worker': async (_stage, { worker, lastsMs }) => {
    worker.signal('SIGSTOP');
    await delay(lastsMs);
    worker.signal('SIGCONT');
  },
  'term-worker': async (_stage, { worker, lastsMs }) => {
    const from = Date.now();
    const exitCode = await worker.end('SIGTERM');
    const tookMs = Date.now() - from;
    await delay(lastsMs);
    worker.start();
    return { exitCode, tookMs };
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

async function whileIn(proxy, trouble, lastsMs) {
  proxy[trouble]();
  await delay(lastsMs);
  proxy.heal();
}
