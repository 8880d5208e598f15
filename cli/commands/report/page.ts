/** A report as one static page, and the timeline of one run. Pure. */
import { pageOf, escaped } from '../../process/html.ts';
import { spanOf } from '../window.ts';
import type { ReportDelivery, ReportTotals } from './delivery.ts';
import { deliveryArticle, SYMBOLS } from './timeline.ts';
import { statesInWords, successOf } from './words.ts';

/** What the page shows. Texts are shown as they are. */
export type ReportPage = {
  readonly title: string;
  /** Below the title: the window, the source, when it was made. */
  readonly facts: readonly string[];
  readonly totals?: ReportTotals;
  /** What the page leaves out. */
  readonly notes: readonly string[];
  readonly deliveries: readonly ReportDelivery[];
  readonly nowMs: number;
};

/** The page. It has no script and loads nothing. */
export function reportPage({ title, facts, totals, notes, deliveries, nowMs }: ReportPage): string {
  const body = `<header>
<h1>${escaped(title)}</h1>
${facts.map((fact) => `<p>${escaped(fact)}</p>`).join('\n')}
</header>
<main>
${totals === undefined ? '' : numbersOf(totals)}
${notes.map((note) => `<p class="note">Note: ${escaped(note)}</p>`).join('\n')}
<section aria-labelledby="deliveries">
<h2 id="deliveries">Deliveries</h2>
<p>${SYMBOLS.well} success, ${SYMBOLS.bad} failure, ${SYMBOLS.off} cancelled, ○ an attempt that never reported,
${SYMBOLS.open} still to come. A line begins when the webhook was started. The small stroke below it is the promised
time. Early minutes are drawn wider.</p>
${deliveries.length === 0 ? '<p>None.</p>' : deliveries.map((each) => deliveryArticle(each, nowMs)).join('\n')}
</section>
</main>`;
  return pageOf({ title, style: STYLE, body });
}

function numbersOf(totals: ReportTotals): string {
  const { deliveries, states, attempts, lateness, webhooks } = totals;
  const { share = 'nothing has ended', part } = successOf(totals);
  const again = deliveries - (webhooks?.count ?? deliveries);
  const numbers = [
    ['Success rate', share, `${part} that ended`],
    ...(webhooks === undefined || again === 0
      ? []
      : [['Webhooks', String(webhooks.count), `each counts once; ${statesInWords(webhooks.states)}`]]),
    [
      'Deliveries',
      String(deliveries),
      again === 0 ? statesInWords(states) : `${again} of them made again; ${statesInWords(states)}`,
    ],
    ['Attempts', String(attempts), 'sent to receivers'],
    ...(lateness === undefined
      ? []
      : [
          [
            'Lateness p50',
            spanOf(lateness.p50Ms),
            lateness.deliveries === 1
              ? 'of one first attempt'
              : `half of ${lateness.deliveries} first attempts were at most so late`,
          ],
          ['Lateness p99', spanOf(lateness.p99Ms), `99 of 100; the latest ${spanOf(lateness.maxMs)}`],
        ]),
  ];
  const items = numbers.map(
    ([name = '', value = '', more = '']) =>
      `<div><dt>${escaped(name)}</dt><dd><strong>${escaped(value)}</strong> ${escaped(more)}</dd></div>`,
  );
  return `<section aria-labelledby="totals">
<h2 id="totals">Totals</h2>
<dl>
${items.join('\n')}
</dl>
</section>`;
}

/** Every pair of colours has a contrast of at least 4.5 to 1, in light and dark. */
const STYLE = `:root { color-scheme: light dark; --text: #1b1b1b; --back: #fff; --faint: #595959; --rule: #c9c9c9;
  --well: #0b6b2b; --bad: #a3151c; --open: #6b4e00; }
@media (prefers-color-scheme: dark) { :root { --text: #ededed; --back: #161616; --faint: #b3b3b3; --rule: #4a4a4a;
  --well: #8fdca8; --bad: #ffa3a3; --open: #f0c96a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; color: var(--text); background: var(--back);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .25rem 0; }
header p, article p { color: var(--faint); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0; }
dl div { border: 1px solid var(--rule); border-radius: .4rem; padding: .6rem .75rem; }
dt { color: var(--faint); }
dd { margin: 0; color: var(--faint); font-size: .875rem; }
dd strong { display: block; font-size: 1.4rem; color: var(--text); }
.note { margin: .75rem 0; border-left: .3rem solid var(--open); padding-left: .6rem; }
article { border-top: 1px solid var(--rule); padding: .9rem 0; break-inside: avoid; }
article.well .state { color: var(--well); }
article.bad .state { color: var(--bad); }
article.open .state { color: var(--open); }
article.off .state { color: var(--faint); }
svg { display: block; width: 100%; max-width: 34rem; height: auto; }
svg text { font: 9px system-ui, sans-serif; text-anchor: middle; fill: var(--text); }
svg .line { stroke: var(--faint); fill: none; }
svg .due { stroke: var(--text); stroke-width: 1.5; fill: none; }
svg circle.well { fill: var(--well); }
svg .tick { stroke: var(--back); stroke-width: 1.5; fill: none; }
svg .bad { stroke: var(--bad); stroke-width: 2.5; fill: none; }
svg .unknown { stroke: var(--text); stroke-width: 1.5; fill: var(--back); }
svg .open { stroke: var(--open); stroke-width: 1.5; fill: var(--back); stroke-dasharray: 2; }
summary { cursor: pointer; padding: .25rem 0; }
ol { margin: .25rem 0; padding-left: 1.4rem; list-style: none; }
@media print { body { max-width: none; } }`;
