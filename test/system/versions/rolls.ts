/**
 * Rolls: a worker is stopped in the middle of its webhooks, and the next version takes over, by the command of the page
 * for a version that is gone. No attempt may be burnt: each call has as many POSTs as its receiver asked for.
 */
import type { CallEnded, WebhookHandle, WebhookResult } from '../../../client/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Check } from '../topology/checks.ts';
import { codeOf, type Installation, type Kind, type VersionedWorker } from './installation.ts';

const SET_CURRENT = 'temporal worker deployment set-current-version --deployment-name webhooks --build-id 0.2.0';
const LET_GO = 'temporal workflow update-options';

/** POSTs that each call needs: a waiting one was refused once. */
const NEEDED: Readonly<Record<Kind, number>> = { 'in flight': 1, waiting: 2, settling: 1 };
const KINDS = Object.keys(NEEDED) as Kind[];

type Ended = { readonly kind: Kind; readonly call: CallEnded; readonly handle: WebhookHandle };

export async function playRolls(installation: Installation, rolls: number): Promise<Check[]> {
  const { run, fromPage, bodies } = installation;
  const all: Ended[] = [];
  let isGoneTold = 0;
  let worker = await startNext(installation, 0);
  await makeCurrent(installation, worker);
  for (let roll = 1; roll <= rolls; roll += 1) {
    const before = worker;
    worker = await startNext(installation, roll);
    const calls = await Promise.all(KINDS.map(async (kind) => ({ kind, ...(await installation.end(kind)) })));
    all.push(...calls);
    await waitFor('POSTs in the middle', () =>
      calls.every(({ kind, call }) => kind === 'settling' || bodies(call).length > 0),
    );
    // In the middle of a POST, which the receiver holds until the worker has heard. A stopping worker lets it end.
    const stopped = before.end('SIGTERM');
    await waitFor('a stopping worker', () => before.log().includes('worker.stopping'));
    installation.release();
    const code = await stopped;
    if (code !== 0) throw new Error(`the worker ${before.buildId} ended with ${code}`);
    await makeCurrent(installation, worker);
    const waiting = calls.find(({ kind }) => kind === 'waiting');
    if ((await waiting?.handle.status())?.state === 'retrying') isGoneTold += 1;
    await fromPage(LET_GO, { '0.1.0': before.buildId });
    await Promise.all(calls.map(({ handle }) => handle.result()));
    run.say(`roll ${roll}: ${before.buildId} stopped, ${worker.buildId} took over`);
  }
  await worker.end('SIGTERM');
  const results = await Promise.all(all.map(async (ended) => ({ ...ended, result: await ended.handle.result() })));
  const burnt = results.filter(({ kind, call, result }) => {
    const attempts = result.deliveries.flatMap((delivery) => delivery.attempts);
    const lost = attempts.some(({ outcome }) => outcome !== 'delivered' && outcome !== 'http');
    return lost || attempts.length !== NEEDED[kind] || bodies(call).length !== NEEDED[kind];
  });
  const mixed = results.filter(({ call }) => new Set(bodies(call)).size !== 1);
  const codes = new Set(results.flatMap(({ call }) => bodies(call).map(codeOf)));
  return [
    {
      what: `${rolls} rolls: everything is delivered`,
      ok: results.every(({ result }) => result.state === 'delivered'),
      seen: `${results.length} calls`,
    },
    { what: 'no attempt is burnt', ok: burnt.length === 0, seen: burnt.map(toldOf).join('; ') || '0' },
    { what: 'every attempt of a call sent the same bytes', ok: mixed.length === 0, seen: `${mixed.length} differ` },
    { what: 'both codes sent', ok: codes.size === 2, seen: [...codes].join() },
    { what: 'deliveries were in the middle', ok: isGoneTold > 0, seen: `${isGoneTold} of ${rolls} waited` },
  ];
}

/** `in-flight-16: timeout, delivered` */
function toldOf({ call, result }: { readonly call: CallEnded; readonly result: WebhookResult }): string {
  const attempts = result.deliveries.flatMap((delivery) => delivery.attempts);
  return `${call.call_id}: ${attempts.map(({ outcome }) => outcome).join(', ')}`;
}

/** Codes take turns. */
function startNext(installation: Installation, roll: number): Promise<VersionedWorker> {
  return installation.startWorker(`roll-${roll}`, roll % 2 === 0 ? 'first' : 'altered');
}

async function makeCurrent({ fromPage }: Installation, { buildId }: VersionedWorker): Promise<void> {
  await fromPage(SET_CURRENT, { '0.2.0': buildId });
}
