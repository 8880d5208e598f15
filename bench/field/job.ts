/**
 * The job as a developer would write it without this module: a body, two signatures, a POST. The other contestants of
 * the bench use it. It has none of our guards: no answer is bounded, and but for `signAndPostAlone` no address is
 * judged and connections are kept.
 */
import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { Agent, request } from 'undici';
import type { buildConnector } from 'undici';

/** A call of the bench, as its engine reports it. */
export type Job = {
  readonly call: Readonly<Record<string, unknown>> & { readonly call_id: string };
  readonly url: string;
  readonly secretRef: string;
  readonly settleMs: number;
};

export type Artifacts = {
  readonly recording: unknown;
  readonly transcript: unknown;
  readonly summary: unknown;
};

/** The waits after attempts 1 to 4, ms. The same in all contestants. */
export const LADDER_MS = [60_000, 300_000, 900_000, 3_600_000] as const;
/** One POST, as long as ours. */
const POST_TIMEOUT_MS = 15_000;

/** The body, made once and sent by every attempt. */
export function bodyOf({ call }: Job, { recording, transcript, summary }: Artifacts): string {
  return JSON.stringify({
    call_id: call.call_id,
    phone_number: call['phone_number'],
    from_phone_number: call['from_phone_number'],
    status: call['status'],
    call_status: call['call_status'],
    duration: call['duration'],
    transcript,
    recording_url: recording,
    call_summary: summary,
    answered_by: call['answered_by'],
    campaign_id: call['campaign_id'],
    lead_id: call['lead_id'],
    created_at: call['created_at'],
    started_at: call['started_at'],
    end_at: call['end_at'],
    metadata: call['metadata'],
    event: 'call.completed',
  });
}

/** Signs the body with both schemes. */
export function signedHeaders(body: string, id: string, secret: string, attempt: number): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const standard = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'Content-Type': 'application/json',
    'X-TopCalls-Signature': createHmac('sha256', secret).update(body).digest('hex'),
    'X-TopCalls-Event': 'call.completed',
    'X-TopCalls-Attempt': String(attempt),
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${standard}`,
  };
}

const TIMEOUTS = { headersTimeout: POST_TIMEOUT_MS, bodyTimeout: POST_TIMEOUT_MS };
const kept = new Agent(TIMEOUTS);

/** Signs and sends one attempt, on connections that are kept. Rejects unless the answer is 2xx. */
export async function signAndPost(job: Job, body: string, secret: string, attempt: number): Promise<number> {
  return post(job, body, { secret, attempt, dispatcher: kept });
}

/** The same on a connection of its own, to an address that was judged. */
export async function signAndPostAlone(job: Job, body: string, secret: string, attempt: number): Promise<number> {
  const { hostname } = new URL(job.url);
  const { address, family } = await lookup(hostname);
  if (PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4')) throw new Error(`${hostname} has a private address`);
  const pinned = { lookup: (_name: string, _options: unknown, found: Found) => found(null, [{ address, family }]) };
  const dispatcher = new Agent({ ...TIMEOUTS, connect: pinned as buildConnector.BuildOptions, pipelining: 0 });
  try {
    return await post(job, body, { secret, attempt, dispatcher });
  } finally {
    await dispatcher.destroy();
  }
}

type Found = (error: null, addresses: { readonly address: string; readonly family: number }[]) => void;

/** The receivers of the bench are on this machine, so its loopback is not among them. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');

type Sending = { readonly secret: string; readonly attempt: number; readonly dispatcher: Agent };

async function post(job: Job, body: string, { secret, attempt, dispatcher }: Sending): Promise<number> {
  const headers = signedHeaders(body, `msg_${job.call.call_id}`, secret, attempt);
  const answer = await request(job.url, { method: 'POST', headers, body, dispatcher });
  await answer.body.dump();
  if (answer.statusCode < 200 || answer.statusCode > 299) throw new Error(`answered ${answer.statusCode}`);
  return answer.statusCode;
}
