/** Finds the webhooks that a command chooses by what they have in common. */
import { WebhookClientError } from '../../../client/errors.ts';
import type { WebhookClient } from '../../../client/webhook-client.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { FindFilter } from '../../../contract/schemas/find-filter.ts';
import type { Terminal } from '../../process/terminal.ts';
import { isDeaf, looksFirst } from './act.ts';
import type { ControlRequest } from './request.ts';
import { touched, type Narrowing } from './touched.ts';

/** What came of it. `unfit`: how many webhooks the list has, and the choice has not. */
export type Found = { readonly handles: readonly WebhookHandle[]; readonly unfit: number; readonly isCut: boolean };

/** What to look for. `limit` counts webhooks that fit. */
export type Wanted = {
  readonly filter: FindFilter;
  readonly limit: number;
  readonly request: ControlRequest;
  readonly narrowing: Narrowing;
};

type Watch = { readonly terminal: Terminal; readonly signal: AbortSignal; readonly interrupted: Promise<void> };

/** Webhooks in a row that did not answer. Then the one who acts on them finds out about the server. */
const LOST_IN_A_ROW = 3;

/** Finds all webhooks before the first one is touched: an action could move a run within the list that is being read.
 *  The list knows no reason and no state at one endpoint. Where they count, each webhook is read before it counts. One
 *  that cannot be read is kept, and does not count. */
export async function findTargets(
  webhooks: Pick<WebhookClient, 'find'>,
  { filter, limit, request, narrowing }: Wanted,
  { terminal, signal, interrupted }: Watch,
): Promise<Found> {
  const handles: WebhookHandle[] = [];
  let [fit, unfit, lostInARow] = [0, 0, 0];
  const mustRead = looksFirst(request, narrowing);
  const found = webhooks.find(filter)[Symbol.asyncIterator]();
  while (fit < limit && lostInARow < LOST_IN_A_ROW && !signal.aborted) {
    terminal.live(`looking: ${fit} found${unfit === 0 ? '' : `, ${unfit} do not fit`}`);
    // A search that passes over many runs is silent for a while; Ctrl-C must not wait for it.
    const next = await Promise.race([found.next(), interrupted]);
    if (next === undefined || next.done === true) break;
    const { handle } = next.value;
    const what = mustRead ? await Promise.race([fits(handle, request, narrowing), interrupted]) : 'fits';
    if (what === undefined) break;
    if (what === 'fits') fit += 1;
    if (what === 'differs') unfit += 1;
    else handles.push(handle);
    lostInARow = what === 'lost' ? lostInARow + 1 : 0;
  }
  return { handles, unfit, isCut: fit === limit };
}

async function fits(
  handle: WebhookHandle,
  request: ControlRequest,
  narrowing: Narrowing,
): Promise<'fits' | 'differs' | 'unread' | 'lost'> {
  try {
    const status = await handle.status();
    const isMeant = touched(status, request, narrowing).length > 0 || isDeaf(request, status, narrowing);
    return isMeant ? 'fits' : 'differs';
  } catch (error) {
    return error instanceof WebhookClientError && error.code === 'temporal_unavailable' ? 'lost' : 'unread';
  }
}
