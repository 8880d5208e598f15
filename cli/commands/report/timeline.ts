/** The timeline of one delivery as HTML: a drawing, and the same in words. Marks differ in shape, not only in colour.
 *  Pure. */
import { answerInWords, isFinal, type Attempt, type LiveState } from '../../../contract/delivery-state.ts';
import { counted } from '../../process/counted.ts';
import { escaped } from '../../process/html.ts';
import { inSeconds, stateInWords, wasDue } from '../attempts-table.ts';
import { spanOf } from '../window.ts';
import { repeatInWords, type ReportDelivery } from './delivery.ts';

/** Units of the drawing. It is as wide as a phone, and scales up. */
const WIDTH = 320;
const MARGIN = 12;
const HEIGHT = 46;
const LINE_Y = 30;
/** Marks do not touch. */
const APART = 14;

type Kind = 'well' | 'bad' | 'open' | 'off';

/** The delivery with its heading, facts, drawing and attempts. `nowMs` ends the line of one that runs. */
export function deliveryArticle(delivery: ReportDelivery, nowMs: number): string {
  const { state, reason, event, callId, campaignId, host, webhookId, attempts } = delivery;
  const kind = kindOf(state);
  const about = callId ?? campaignId;
  const head = `${SYMBOLS[kind]} ${stateInWords(state, reason)}`;
  const facts = [event, `to ${host}`, webhookId, ...repeatInWords(delivery), lateInWords(delivery)];
  return `<article class="${kind}">
<h3><span class="state">${escaped(head)}</span>${about === undefined ? '' : ` <span>${escaped(about)}</span>`}</h3>
<p>${facts.flatMap((fact) => (fact === undefined ? [] : escaped(fact))).join(' · ')}</p>
${drawing(delivery, nowMs)}
<details${kind === 'well' ? '' : ' open'}>
<summary>${counted(attempts.length, 'attempt')}</summary>
<ol>
${steps(delivery, nowMs).join('\n')}
</ol>
</details>
</article>`;
}

/** ✔ is a success, ✖ a failure, ◇ what is still to come, ⊘ what was cancelled. */
export const SYMBOLS: Readonly<Record<Kind, string>> = { well: '✔', bad: '✖', open: '◇', off: '⊘' };

function kindOf(state: LiveState): Kind {
  if (state === 'delivered') return 'well';
  if (state === 'cancelled') return 'off';
  return isFinal(state) ? 'bad' : 'open';
}

function lateInWords({ lateMs, promisedAt }: ReportDelivery): string | undefined {
  if (lateMs === undefined) return promisedAt === undefined ? undefined : `promised for ${inSeconds(promisedAt)}`;
  return `first attempt ${spanOf(lateMs)} after the promised time`;
}

/** The same as the drawing, in words. */
function steps(delivery: ReportDelivery, nowMs: number): string[] {
  const { startedAt, attempts, endedAt, nextAttemptAt, state } = delivery;
  let before = Date.parse(startedAt);
  const lines = [`Started ${time(startedAt)}`];
  for (const attempt of attempts) {
    const { number, startedAt: at, durationMs, outcome, trigger } = attempt;
    const waited = Math.max(0, Date.parse(at) - before);
    const why = trigger === 'retry_now' ? ', at an operator’s request' : '';
    const mark = outcome === 'unknown' ? '○' : SYMBOLS[outcome === 'delivered' ? 'well' : 'bad'];
    // An attempt that never reported has no time that it took.
    const [answer, took] =
      outcome === 'unknown' ? ['never reported', ''] : [answerInWords(attempt), ` in ${spanOf(durationMs)}`];
    lines.push(
      `${mark} Attempt ${number} ${time(at)}, after ${escaped(spanOf(waited))}${why}: ` +
        `<strong>${escaped(answer)}</strong>${escaped(took)}`,
    );
    before = Date.parse(at) + durationMs;
  }
  if (nextAttemptAt !== undefined) {
    lines.push(`${SYMBOLS.open} Next attempt ${wasDue(nextAttemptAt, nowMs)}${time(nextAttemptAt)}`);
  }
  if (endedAt !== undefined) lines.push(`Ended as ${escaped(state)} ${time(endedAt)}`);
  return lines.map((line) => `<li>${line}</li>`);
}

function time(at: string): string {
  const shown = inSeconds(at);
  return `<time datetime="${escaped(shown)}">${escaped(shown.replace('T', ' ').replace('Z', ' UTC'))}</time>`;
}

/** Early minutes are wider: the position is the square root of the time. Else four of five attempts of a ladder would
 *  stand on one spot. */
function drawing(
  { startedAt, promisedAt, attempts, endedAt, nextAttemptAt, state }: ReportDelivery,
  nowMs: number,
): string {
  const fromMs = Date.parse(startedAt);
  const ends = attempts.map(({ startedAt: at, durationMs }) => Date.parse(at) + durationMs);
  const last = [promisedAt, endedAt, nextAttemptAt].flatMap((at) => (at === undefined ? [] : [Date.parse(at)]));
  const toMs = Math.max(fromMs + 1_000, ...ends, ...last.filter(Number.isFinite), ...(isFinal(state) ? [] : [nowMs]));
  const place = (at: string): number => {
    const share = Math.sqrt(Math.min(1, Math.max(0, (Date.parse(at) - fromMs) / (toMs - fromMs))));
    return MARGIN + (Number.isFinite(share) ? share : 0) * (WIDTH - 2 * MARGIN);
  };
  const marks = [
    ...attempts.map((attempt) => ({
      x: place(attempt.startedAt),
      draw: attemptMark(attempt),
      label: String(attempt.number),
    })),
    ...(nextAttemptAt === undefined ? [] : [{ x: place(nextAttemptAt), draw: OPEN_MARK, label: 'next' }]),
  ];
  const drawn = spread(marks.map(({ x }) => x)).map((x, index) => {
    const { draw = OPEN_MARK, label = '' } = marks[index] ?? {};
    return `<g transform="translate(${round(x)} ${LINE_Y})">${draw}<text y="-11">${escaped(label)}</text></g>`;
  });
  const due = promisedAt === undefined ? '' : promiseMark(round(place(promisedAt)));
  const label = `${counted(attempts.length, 'attempt')} in ${spanOf(toMs - fromMs)}`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">
<path class="line" d="M${MARGIN} ${LINE_Y}H${WIDTH - MARGIN}"/>${due}
${drawn.join('\n')}
</svg>`;
}

const OPEN_MARK = '<path class="open" d="M0-6 6 0 0 6-6 0Z"/>';

function attemptMark({ outcome }: Attempt): string {
  if (outcome === 'delivered') return '<circle class="well" r="6"/><path class="tick" d="M-3 0-1 3 3-3"/>';
  if (outcome === 'unknown') return '<circle class="unknown" r="5"/>';
  return '<path class="bad" d="M-5-5 5 5M5-5-5 5"/>';
}

/** The promised time: a small stroke below the line. */
function promiseMark(x: number): string {
  return `<path class="due" d="M${x} ${LINE_Y + 3}v9"/>`;
}

/** Keeps the marks apart, and within the drawing. */
function spread(places: readonly number[]): number[] {
  const placed = [...places];
  for (let index = 1; index < placed.length; index += 1) {
    placed[index] = Math.max(placed[index] ?? 0, (placed[index - 1] ?? 0) + APART);
  }
  let limit = WIDTH - MARGIN;
  for (let index = placed.length - 1; index >= 0; index -= 1) {
    placed[index] = Math.min(placed[index] ?? 0, limit);
    limit = (placed[index] ?? 0) - APART;
  }
  return placed;
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}
