/** The log of a receiver that was given none: what needs somebody's attention goes to `console`. */
import { oneLine } from '../contract/shown-text.ts';
import type { AnswerCode } from './answers.ts';
import type { ReceiverLogLine } from './receive-options.ts';

/** One line a minute per code: anybody can send requests that are refused, and must not fill a disk with them. */
const QUIET_MS = 60_000;

/** Answers to requests that somebody else sent wrongly, or that were changed on their way. */
const REFUSED: ReadonlySet<number | undefined> = new Set([400, 401, 413]);

/** Refused although the signature holds: only the sender's own requests get here, and each means a lost webhook. */
const SIGNATURE_HOLDS: ReadonlySet<AnswerCode> = new Set<AnswerCode>([
  'timestamp_too_old',
  'timestamp_too_new',
  'body_not_json',
  'event_missing',
]);

/** Makes the log. Errors and wrong set-up go to `console.error`, each time. Refusals go to `console.warn`, one line a
 *  minute per code; those whose signature holds each time. Lines hold code, id and fix; never a body, a header or a
 *  secret. */
export function consoleLog(now: () => number = () => performance.now()): (line: ReceiverLogLine) => void {
  const refusals = new Map<AnswerCode, { readonly untilMs: number; unsaid: number }>();

  /** How many lines of this code were left out since the last one; undefined if this one is left out, too. */
  const turn = (code: AnswerCode): number | undefined => {
    const last = refusals.get(code);
    const nowMs = now();
    if (last !== undefined && nowMs < last.untilMs) {
      last.unsaid += 1;
      return undefined;
    }
    refusals.set(code, { untilMs: nowMs + QUIET_MS, unsaid: 0 });
    return last?.unsaid ?? 0;
  };

  return (line) => {
    const { code, status, error } = line;
    if (error !== undefined) return say('error', line, error);
    if (status === 500) return say('error', line);
    if (SIGNATURE_HOLDS.has(code)) return say('warn', line);
    if (!REFUSED.has(status)) return;
    const unsaid = turn(code);
    if (unsaid !== undefined) say('warn', line, ...(unsaid === 0 ? [] : [`(${unsaid} more since the last line)`]));
  };
}

function say(level: 'warn' | 'error', { code, id, fix }: ReceiverLogLine, ...more: readonly unknown[]): void {
  // The id is what a stranger sent.
  const words = ['webhook receiver:', code, id && oneLine(id), fix].filter((word) => word !== undefined).join(' ');
  // oxlint-disable-next-line no-console
  console[level](words, ...more);
}

/** Tells of a secret that cannot be used, when the receiver is made. */
export function warnAtStart({ code, fix }: { readonly code: AnswerCode; readonly fix: string }): void {
  say('warn', { code, fix, durationMs: 0 });
}
