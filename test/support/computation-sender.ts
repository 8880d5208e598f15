/**
 * The sending process of the computation lab: posts round after round and measures its own event loop. It is a
 * process of its own, because the receivers of the lab compute as well. Started by `playComputationLab`.
 */
import type { Resolve } from '../../activities/http/resolve.ts';
import { createWebhookSender } from '../../activities/http/webhook-sender.ts';
import type { WebhookSender } from '../../activities/http/webhook-sender.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../contract/egress/policy.ts';

/** Receivers to post to at once. `neighbours` are good ones. */
export type Round = { readonly name: string; readonly urls: readonly string[]; readonly neighbours: readonly string[] };

/** The work of the process. `warmUp` is posted to first and not measured. */
export type LabJob = { readonly ca: string; readonly warmUp: readonly string[]; readonly rounds: readonly Round[] };

/** What a round came to. Processor time is the process's own, so that other processes of the machine do not count. */
export type RoundSeen = {
  readonly name: string;
  readonly codes: readonly string[];
  readonly neighbourCodes: readonly string[];
  /** Processor time of the whole round. */
  readonly cpuMs: number;
  /** The most processor time between two firings of a timer: how long nothing else could run. */
  readonly stallCpuMs: number;
  /** The longest time between two firings of a timer. */
  readonly stallMs: number;
  readonly slowestNeighbourMs: number;
};

/** A name that leads to 4,000 addresses; the lab writes it out, since importing this file would start the process. */
const MANY_ADDRESSES_HOST = 'many.example.com';
const MANY = Array.from({ length: 4_000 }, (_, index) => `127.1.${index >> 7}.${1 + (index & 127)}`);

async function play({ ca, warmUp, rounds }: LabJob): Promise<readonly RoundSeen[]> {
  const policy = parseEgressOptions(LOOPBACK_EGRESS);
  const resolve: Resolve = async (host) => (host === MANY_ADDRESSES_HOST ? MANY : ['127.0.0.1']);
  // Handshakes that never end need not take 5 s to show it.
  const attacked = createWebhookSender({ policy, resolve, ca, phases: { connectMs: 3_000 } });
  // On a machine that other processes keep busy, good receivers are slow, too. That must not look like an attack.
  const patient = createWebhookSender({ policy, resolve, ca, phases: { connectMs: 50_000 }, deadlineMs: 50_000 });
  const postAll = (urls: readonly string[], sender: WebhookSender) => {
    return Promise.all(urls.map((url) => sender.post({ url, headers: {}, body: '{}' })));
  };
  await postAll(warmUp, patient);
  const seen: RoundSeen[] = [];
  for (const { name, urls, neighbours } of rounds) {
    // The sockets of the round before close.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const loop = watchLoop();
    const cpuBefore = process.cpuUsage();
    const [hostile, good] = await Promise.all([postAll(urls, attacked), postAll(neighbours, patient)]);
    const { user, system } = process.cpuUsage(cpuBefore);
    seen.push({
      name,
      codes: [...new Set(hostile.map(({ code }) => code))].toSorted(),
      neighbourCodes: [...new Set(good.map(({ code }) => code))].toSorted(),
      cpuMs: (user + system) / 1_000,
      ...loop.stop(),
      slowestNeighbourMs: Math.max(0, ...good.map(({ durationMs }) => durationMs)),
    });
  }
  return seen;
}

function watchLoop(): { stop(): { stallMs: number; stallCpuMs: number } } {
  let at = performance.now();
  let cpu = process.cpuUsage();
  let stallMs = 0;
  let stallCpuMs = 0;
  const look = (): void => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    stallMs = Math.max(stallMs, now - at);
    stallCpuMs = Math.max(stallCpuMs, (user + system) / 1_000);
    at = now;
    cpu = process.cpuUsage();
  };
  const timer = setInterval(look, 1);
  return {
    stop() {
      clearInterval(timer);
      look();
      return { stallMs, stallCpuMs };
    },
  };
}

// A lab that was given up leaves nobody behind.
process.once('disconnect', () => process.exit());
process.once('message', (job: LabJob) => {
  void play(job).then((seen) => process.send?.(seen, () => process.disconnect()));
});
