/** What `limit` prints: what is set, or what changed. Pure. */
import type { QueueLimits, QueueRate } from '../../../client/queue-limits.ts';
import { tabbed } from '../../process/tabbed.ts';
import { counted } from '../../process/counted.ts';

/** What is set, one line each. */
export function limitsInWords(limits: QueueLimits): string {
  const { queue, perAccount, weights } = limits;
  const keys = Object.keys(weights);
  return [
    tabbed('per account', rateInWords(perAccount), ...whoIn(perAccount)),
    tabbed('queue', rateInWords(queue), ...whoIn(queue)),
    ...(keys.length === 0 ? [tabbed('weights', 'none: every account has 1')] : []),
    ...keys.toSorted().map((key) => tabbed('weight', key, weightInWords(key, limits))),
  ].join('\n');
}

/** What differs, one line each, before and after. Empty if nothing does. */
export function changesInWords(before: QueueLimits, after: QueueLimits): readonly string[] {
  const keys = [...new Set([...Object.keys(before.weights), ...Object.keys(after.weights)])].toSorted();
  const lines = [
    ['per account', rateInWords(before.perAccount), rateInWords(after.perAccount)],
    ['queue', rateInWords(before.queue), rateInWords(after.queue)],
    ...keys.map((key) => [`weight of ${key}`, weightInWords(key, before), weightInWords(key, after)]),
  ];
  return lines.filter(([, old, now]) => old !== now).map(([what = '', old, now]) => tabbed(what, `${old} → ${now}`));
}

/** `10/s`, `300/min`, `no limit`. */
export function rateInWords(rate: Pick<QueueRate, 'perSecond'> | undefined): string {
  if (rate === undefined) return 'no limit';
  const { perSecond } = rate;
  const [count, unit] =
    perSecond >= 1 ? [perSecond, 's'] : perSecond >= 1 / 60 ? [perSecond * 60, 'min'] : [perSecond * 3_600, 'h'];
  return `${Number(count.toPrecision(4))}/${unit}`;
}

/** In one line, for the doctor. */
export function limitsInShort({ queue, perAccount, weights }: QueueLimits): string {
  const count = Object.keys(weights).length;
  const parts = [
    perAccount === undefined ? '' : `${rateInWords(perAccount)} per account`,
    queue === undefined ? '' : `${rateInWords(queue)} in all`,
    count === 0 ? '' : counted(count, 'account has a weight', 'accounts have weights'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** `5, which is 50/s`. */
function weightInWords(key: string, { perAccount, weights }: QueueLimits): string {
  const weight = weights[key] ?? 1;
  if (perAccount === undefined) return String(weight);
  return `${weight}, which is ${rateInWords({ perSecond: perAccount.perSecond * weight })}`;
}

function whoIn(rate: QueueRate | undefined): readonly string[] {
  const { by, at, reason } = rate ?? {};
  const set = [by === undefined ? '' : `by ${by}`, at ?? ''].filter((part) => part !== '').join(' ');
  return [...(set === '' ? [] : [`set ${set}`]), ...(reason === undefined ? [] : [reason])];
}
