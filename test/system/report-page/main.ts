/** `npm run report-page`: the page of `report --html` in a browser. See the README beside it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser } from 'playwright-core';
import { totalsOf, withResets } from '../../../cli/commands/report/delivery.ts';
import { reportPage } from '../../../cli/commands/report/page.ts';
import { aReport } from '../../support/report-sample.ts';

const WIDTHS = { phone: 360, desk: 1_280 } as const;
const SCHEMES = ['light', 'dark'] as const;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
  const file = join(folder, 'report.html');
  // Each webhook once more: a run that was reset made it again.
  const again = aReport().map((each) => ({ ...each, endedAt: '2026-06-01T12:04:00.000Z', state: 'failed' as const }));
  const deliveries = withResets([...aReport(), ...again]);
  const nowMs = Date.UTC(2026, 5, 1, 12, 5);
  const facts = ['Ended from 2026-05-31T12:00:00.000Z to 2026-06-01T12:00:00.000Z, and what still runs.'];
  const notes = ['3 runs could not be read: they need the worker’s encryption keys'];
  const title = 'Webhooks of account acct_1';
  writeFileSync(file, reportPage({ title, facts, notes, totals: totalsOf(deliveries), deliveries, nowMs }));
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' });
  let bad = 0;
  try {
    for (const [name, width] of Object.entries(WIDTHS)) {
      for (const scheme of SCHEMES) {
        const problems = await problemsAt(browser, file, {
          width,
          scheme,
          picture: join(folder, `${name}-${scheme}.png`),
        });
        console.log(`${name}, ${scheme}: ${problems.length === 0 ? 'nothing found' : problems.join('; ')}`);
        bad += problems.length;
      }
    }
  } finally {
    await browser.close();
  }
  console.log(`pictures: ${folder}`);
  process.exitCode = bad === 0 ? 0 : 1;
}

async function problemsAt(
  browser: Browser,
  file: string,
  { width, scheme, picture }: { width: number; scheme: 'light' | 'dark'; picture: string },
): Promise<string[]> {
  const viewport = { width, height: 800 };
  // axe is a script, which the page's own policy forbids. So it gets a context of its own.
  const looser = await browser.newContext({ viewport, colorScheme: scheme, bypassCSP: true });
  const checked = await looser.newPage();
  await checked.goto(`file://${file}`);
  await checked.evaluate(axe.source);
  const { violations } = await checked.evaluate<AxeResults>('axe.run()');
  await looser.close();
  const context = await browser.newContext({ viewport, colorScheme: scheme });
  const page = await context.newPage();
  const asked: string[] = [];
  const said: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  await page.goto(`file://${file}`);
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
  const font = String(await page.evaluate('getComputedStyle(document.body).fontFamily'));
  await page.screenshot({ path: picture, fullPage: true });
  await context.close();
  return [
    ...violations.map(({ id, help, nodes }) => `axe ${id}: ${help} (${nodes.length})`),
    ...(wide > width ? [`it is ${wide} wide, which scrolls sideways`] : []),
    ...(font.includes('system-ui') ? [] : [`its style is not applied: ${font}`]),
    ...(asked.length === 1 ? [] : [`it loads ${asked.length - 1} things`]),
    ...said,
  ];
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
