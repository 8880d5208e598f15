/** What reconciling came to, in numbers. The command and the schedule's activity say the same. Pure. */
import type { Reconciled } from '../../../client/reconcile.ts';
import { countOutcomes } from '../../process/count-outcomes.ts';

const OUTCOMES = ['written', 'missing', 'present', 'open', 'unreadable', 'failed'] as const;

/** Counts by outcome, the same in words, and whether records may still be missing: reading or writing failed for a
 *  run, or a run could not be decoded. */
export function reconciledCounts(items: readonly Reconciled[]): {
  readonly counts: Readonly<Record<(typeof OUTCOMES)[number], number>>;
  readonly words: string;
  readonly isIncomplete: boolean;
} {
  const { counts, words } = countOutcomes(items, OUTCOMES);
  const isBlind = items.some(({ code }) => code === 'unreadable_run');
  return { counts, words: words === '' ? 'no closed runs' : words, isIncomplete: counts.failed > 0 || isBlind };
}
