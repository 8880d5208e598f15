/** What rendering a body and signing it take, in this process. */
import { renderCallBody } from '../../contract/render-body.ts';
import { signatureHeaders } from '../../signature/sign.ts';
import { aRunInput, SECRET } from '../../test/support/builders.ts';
import { medianOf } from '../median.ts';
import { artifactsOf } from './ports.ts';

export type Microseconds = { readonly render: number; readonly sign: number; readonly bodyBytes: number };

const TIMES = 2_000;
const ROUNDS = 9;

export async function microseconds(): Promise<Microseconds> {
  const { call, event } = aRunInput();
  if (event !== 'call.completed') throw new Error('the builder makes another event');
  const render = () => renderCallBody(call, event, artifactsOf(), 1).body;
  const body = render();
  const sign = () =>
    signatureHeaders({ webhookId: 'msg_1', timestampSeconds: 1_767_000_000, body, secrets: { current: SECRET } });
  return { render: each(render), sign: each(sign), bodyBytes: Buffer.byteLength(body) };
}

/** Median of some rounds; the first ones meet code that is not compiled yet. */
function each(work: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    for (let time = 0; time < TIMES; time += 1) work();
    return ((performance.now() - startedAt) / TIMES) * 1_000;
  });
  return medianOf(rounds);
}
