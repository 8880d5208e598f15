/** What the reason of a delivery means, a line for each thing that is known of it. Pure. */
import type { DeliveryStatus } from '../../../contract/delivery-state.ts';
import { URL_RULES } from '../../../contract/egress/url-rules.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { CODE_WORDS } from './code-words.ts';

/** All that is known of the reason. */
export function reasonLines(delivery: DeliveryStatus): readonly string[] {
  return [...secretLine(delivery), ...ruleLine(delivery), ...refusedByLine(delivery), ...codeLine(delivery)];
}

/** Which secret it is, so that a person can add it. A reference is no secret. */
export function secretLine({ secretRef, reason }: Pick<DeliveryStatus, 'secretRef' | 'reason'>): readonly string[] {
  if (secretRef === undefined) return [];
  const what = reason === 'secret_empty' ? 'an empty secret' : 'no secret';
  return [`the store of secrets has ${what} under the reference ${JSON.stringify(oneLine(secretRef))}`];
}

/** The rule of ours that forbids a URL, by its reason code. */
export function ruleOf(reason: string | undefined): string | undefined {
  return Object.entries(URL_RULES).find(([code]) => code === reason)?.[1];
}

/** The rule that a URL broke, in words. */
function ruleLine({ state, reason }: DeliveryStatus): readonly string[] {
  const rule = state === 'refused' ? ruleOf(reason) : undefined;
  return rule === undefined ? [] : [`our rule: ${rule}`];
}

/** Whose options decided. Workers of one task queue may differ, and nothing else tells it. */
function refusedByLine({ refusedBy, reason = '' }: DeliveryStatus): readonly string[] {
  if (refusedBy === undefined) return [];
  const what = reason.startsWith('secret_') ? 'store of secrets' : 'egress options';
  return [`decided by the ${what} of the worker ${oneLine(refusedBy)}; all workers of the task queue need the same`];
}

/** What the code of the last attempt means, while it counts. */
function codeLine({ state, attempts }: DeliveryStatus): readonly string[] {
  const { code = '' } = (state === 'failed' || state === 'retrying' ? attempts.at(-1) : undefined) ?? {};
  return Object.hasOwn(CODE_WORDS, code) ? [`${code}: ${CODE_WORDS[code]}`] : [];
}
