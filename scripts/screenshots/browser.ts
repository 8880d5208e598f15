/**
 * Headless Chromium in front of the Web UI, for `npm run screenshots`. A picture is taken only when the words it is
 * there for can be seen. So a new version of the Web UI, or of our texts, fails here and leaves no picture that shows
 * nothing.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';

/** The Web UI's own navigation and top bar tell nothing about webhooks, so pictures leave them out. */
const NAVIGATION = { width: 256, height: 48 };
const WIDTH = 1280;
const PATIENCE_MS = 20_000;

/** What people set in the Web UI, which keeps it in the browser. The list's columns ("Configure Columns", per
 *  namespace), and a clock that reads like the times in our texts. */
const COLUMNS = ['Status', 'WebhookState', 'Workflow ID', 'WebhookEvent', 'WebhookCampaignId', 'WebhookEndpoints'];
const SETTINGS = {
  'namespace-workflow-table-columns': { default: COLUMNS.map((label) => ({ label })) },
  timestampFormat: 'short',
  hourFormat: '24',
};

/** Opens the browser. Rejects with an error that says what to install where this machine has none. */
export async function openBrowser(): Promise<{ readonly page: Page; close(): Promise<void> }> {
  const executablePath = findChromium();
  // Chromium's sandbox refuses to run as root, as in a container; the only pages opened are our own server's.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args });
  const context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-US' });
  context.setDefaultTimeout(PATIENCE_MS);
  // The Web UI asks for news from the internet.
  await context.route(/^https:/, (route) => route.abort());
  await keepInBrowser(context, SETTINGS);
  return { page: await context.newPage(), close: () => browser.close() };
}

/** Keeps settings in the browser, each as JSON, where the Web UI keeps what people set. */
export async function keepInBrowser(
  context: BrowserContext,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const lines = Object.entries(settings).map(
    ([key, value]) => `localStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(JSON.stringify(value))});`,
  );
  await context.addInitScript({ content: lines.join('\n') });
}

function findChromium(): string {
  const CHROMIUM = process.env['CHROMIUM'];
  const PATH = process.env['PATH'] ?? '';
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found =
    CHROMIUM === undefined
      ? PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
      : [CHROMIUM];
  const path = found.find((each) => existsSync(each));
  if (path !== undefined) return path;
  const looked =
    CHROMIUM === undefined
      ? `none of ${names.join(', ')} is on PATH`
      : `CHROMIUM names ${CHROMIUM}, which is not there`;
  throw new Error(
    `The screenshots need Chromium, and ${looked}. Install it (Debian, Ubuntu: apt-get install chromium; ` +
      'macOS: brew install --cask chromium), or set CHROMIUM to the path of a Chromium or Chrome.',
  );
}

/** A view of the Web UI. `tab`: test id of the tab to click. `words`: what the picture is taken for. */
export type View = {
  readonly url: string;
  readonly tab?: string;
  readonly words: readonly (string | RegExp)[];
  readonly height?: number;
};

/** Opens the view and waits until all its words are seen. */
export async function look(page: Page, { url, tab, words, height = 800 }: View): Promise<void> {
  await page.setViewportSize({ width: NAVIGATION.width + WIDTH, height: NAVIGATION.height + height });
  await page.goto(url);
  if (tab !== undefined) await page.getByTestId(`${tab}-tab`).click();
  for (const each of words) await seen(page, each);
}

/** Writes the picture of what is seen now. */
export async function take(page: Page, path: string, height = 800): Promise<void> {
  // Transitions of the Web UI end in a quarter of a second; nothing tells when.
  await delay(600);
  const clip = { x: NAVIGATION.width, y: NAVIGATION.height, width: WIDTH, height };
  await page.screenshot({ path, clip });
}

/** Waits for words in the page or in the frames that the Web UI renders Markdown in. */
export async function seen(page: Page, words: string | RegExp): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    for (const frame of page.frames()) {
      const found = frame.getByText(words).filter({ visible: true }).first();
      // A frame can be replaced while it is asked.
      if (await found.isVisible().catch(() => false)) return;
    }
    if (Date.now() > deadline) throw new Error(`not to be seen at ${page.url()}: ${String(words)}`);
    await delay(100);
  }
}

/** Sends a signal as a person does: More Actions → Send a Signal. `picture`: file for one of the dialog. */
export async function sendSignal(
  page: Page,
  { name, input, picture }: { readonly name: string; readonly input: string; readonly picture?: string },
): Promise<void> {
  await page.getByText('More Actions').filter({ visible: true }).first().click();
  await page.getByText('Send a Signal').filter({ visible: true }).first().click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Send a Signal', visible: true });
  await dialog.getByTestId('signal-select-button').click();
  const option = dialog.getByRole('option', { name: new RegExp(`^${name}`) });
  await option.waitFor();
  if (picture !== undefined) await dialog.screenshot({ path: picture });
  await option.click();
  await dialog.getByRole('textbox', { name: 'Data' }).fill(input);
  await dialog.getByTestId('confirm-modal-button').click();
  await dialog.waitFor({ state: 'hidden' });
}
