/**
 * The lab of computation attacks: receivers that try to take the sender's processor time, a hundred attempts at each,
 * and twenty at good neighbours meanwhile. Used by test/activities/http/computation-lab.test.ts, which holds what no
 * other process of the machine can change, and by bench/computation-attacks.ts, which holds the times.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import type { LabJob, Round, RoundSeen } from './computation-sender.ts';
import { RECEIVER_KEY, RSA_CERTIFICATE, RSA_KEY, TEST_AUTHORITY, VALID_CERTIFICATE } from './hostile-certificates.ts';
import { costlyChain, dhGroup } from './hostile-keys.ts';
import { answering, flooding, httpAnswer, startReceiver } from './hostile-receiver.ts';
import type { Behaviour, HostileReceiver } from './hostile-receiver.ts';

/** An attack: what its receiver does, and the reason codes that its attempts may have. */
export type Attack = {
  readonly name: string;
  readonly codes: readonly string[];
  readonly scheme: 'http' | 'https';
  readonly behave: Behaviour;
  readonly tls?: TlsOptions;
  readonly host?: string;
  /** Nothing listens any more. */
  readonly stopped?: boolean;
};

/** What an attack came to, beside a hundred good receivers of the same run. */
export type AttackSeen = RoundSeen & {
  readonly cpuRatio: number;
  readonly stallCpuRatio: number;
  readonly stallRatio: number;
  readonly neighbourRatio: number;
};

const ok = answering([httpAnswer('200 OK')]);
const valid = { key: RECEIVER_KEY, cert: VALID_CERTIFICATE };
const dhe = {
  key: RSA_KEY,
  cert: RSA_CERTIFICATE,
  maxVersion: 'TLSv1.2',
  ciphers: 'DHE-RSA-AES128-GCM-SHA256',
} as const;
const chain = (certificates: number, modulusBits: number, exponentBits: number): TlsOptions => ({
  key: RECEIVER_KEY,
  cert: costlyChain({ certificates, modulusBits, exponentBits }),
});
const overTls = (name: string, codes: readonly string[], tls: TlsOptions): Attack => {
  return { name, codes, scheme: 'https', behave: ok, tls };
};
const overHttp = (name: string, codes: readonly string[], behave: Behaviour): Attack => {
  return { name, codes, scheme: 'http', behave };
};

export const COMPUTATION_ATTACKS: readonly Attack[] = [
  overTls('DHE with a group of 2,048 bits', ['tls_failed'], { ...dhe, dhparam: dhGroup(2_048) }),
  overTls('DHE with a group of 10,000 bits', ['tls_failed'], { ...dhe, dhparam: dhGroup(10_000) }),
  overTls('DHE with a group of 16,384 bits', ['tls_failed'], { ...dhe, dhparam: dhGroup(16_384) }),
  overTls('ffdhe8192 of TLS 1.3', ['tls_failed'], { ...valid, minVersion: 'TLSv1.3', ecdhCurve: 'ffdhe8192' }),
  overTls('100 KB of 16,384-bit keys', ['tls_failed'], chain(21, 16_384, 64)),
  overTls('90 KB of keys with large exponents', ['tls_failed'], chain(62, 3_072, 3_072)),
  { name: 'handshakes that never end', codes: ['timeout_connect'], scheme: 'https', behave: () => undefined },
  {
    // On a busy machine the judging of 400,000 addresses takes longer than the 3 s for a connection.
    ...overHttp('4,000 addresses that refuse', ['connect_refused', 'timeout_connect', 'timeout_dns'], ok),
    host: 'many.example.com',
    stopped: true,
  },
  overHttp(
    '97 KB of headers',
    ['http_200'],
    answering([`HTTP/1.1 200 OK\r\n${`X-A: ${'x'.repeat(970)}\r\n`.repeat(100)}`]),
  ),
  overHttp(
    'an answer of 1,000,000 lines',
    ['http_200'],
    answering([`HTTP/1.1 200 OK\r\n${'a:\r\n'.repeat(1_000_000)}\r\n`]),
  ),
  overHttp(
    '1,000,000 lines before the status',
    ['headers_too_large'],
    answering([`HTTP/1.1 103 Hints\r\n${'a:\r\n'.repeat(1_000_000)}\r\n`]),
  ),
  overHttp('lines without end', ['http_200'], flooding('HTTP/1.1 200 OK\r\n', 'a:\r\n'.repeat(16_384))),
];

/** The costliest chain that fits into the bound. OpenSSL computes with it, so it is no attack that is fended off. */
export const COSTLIEST_CHAIN: Attack = overTls(
  '15 KB of keys with large exponents',
  ['tls_untrusted'],
  chain(9, 3_072, 3_072),
);

/** Plays the attacks one after the other, each between two rounds of good receivers. */
export async function playComputationLab(attacks: readonly Attack[]): Promise<readonly AttackSeen[]> {
  const good = await startReceiver(ok, valid);
  const receivers = await Promise.all(attacks.map(({ behave, tls }) => startReceiver(behave, tls)));
  try {
    for (const [index, { stopped }] of attacks.entries()) if (stopped === true) await receivers[index]?.stop();
    const neighbours = times(20, urlOf(good, {}));
    const reference: Round = { name: 'good', urls: times(100, urlOf(good, {})), neighbours };
    const rounds = attacks.map((attack, index): Round => {
      return { name: attack.name, urls: times(100, urlOf(receivers[index], attack)), neighbours };
    });
    const warmUp = times(100, urlOf(good, {}));
    const [before, ...rest] = await send({ ca: TEST_AUTHORITY, warmUp, rounds: [reference, ...rounds, reference] });
    const after = rest.pop();
    if (before === undefined || after === undefined) throw new Error('the sending process said too little');
    return rest.map((seen) => besideGood(seen, before, after));
  } finally {
    const open = receivers.filter((_, index) => attacks[index]?.stopped !== true);
    await Promise.all([good, ...open].map((receiver) => receiver.stop()));
  }
}

/** The larger of the two good rounds is the reference: the machine may have become slower in between. */
function besideGood(seen: RoundSeen, before: RoundSeen, after: RoundSeen): AttackSeen {
  const ratio = (of: 'cpuMs' | 'stallCpuMs' | 'stallMs' | 'slowestNeighbourMs'): number => {
    return seen[of] / Math.max(before[of], after[of]);
  };
  return {
    ...seen,
    cpuRatio: ratio('cpuMs'),
    stallCpuRatio: ratio('stallCpuMs'),
    stallRatio: ratio('stallMs'),
    neighbourRatio: ratio('slowestNeighbourMs'),
  };
}

function urlOf(
  receiver: HostileReceiver | undefined,
  { scheme = 'https', host = 'hooks.example.com' }: Partial<Attack>,
): string {
  return `${scheme}://${host}:${receiver?.port}/hook`;
}

function times(count: number, url: string): readonly string[] {
  return Array.from({ length: count }, () => url);
}

/** Rejects where the sending process ends without a word. */
function send(job: LabJob): Promise<readonly RoundSeen[]> {
  return new Promise((resolve, reject) => {
    const runTypescript = join(__dirname, '../../scripts/run-typescript.cjs');
    const child = fork(join(__dirname, 'computation-sender.ts'), { execArgv: ['-r', runTypescript] });
    child.once('message', (seen) => resolve(seen as readonly RoundSeen[]));
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`the sending process ended with ${code}`)));
    child.send(job);
  });
}
