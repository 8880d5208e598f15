/**
 * `npm run screenshots`: makes the pictures of docs/web-ui.md anew, from a real server, worker, receiver and browser
 * that it starts and ends itself. It takes two minutes. It needs Chromium; CHROMIUM=<path> names one that is not on
 * PATH.
 */
import { mkdirSync } from 'node:fs';
import type { WebhookHandle } from '../../client/index.ts';
import { runScript } from '../../test/support/run-script.ts';
import type { Closers } from '../../test/support/run-script.ts';
import { look, openBrowser, seen, sendSignal, take } from './browser.ts';
import type { View } from './browser.ts';
import { openReadableStage } from './readable-stage.ts';
import { playScenes, playSettling } from './scenes.ts';

const folder = 'docs/img';

async function main(closers: Closers): Promise<void> {
  // The browser first, which a machine may lack: nothing else is up then.
  const browser = await openBrowser();
  closers.push(() => browser.close());
  const stage = await openReadableStage();
  closers.push(() => stage.close());
  const { page } = browser;
  const runUrl = ({ workflowId }: WebhookHandle): string => `${stage.webUi}/${encodeURIComponent(workflowId)}`;
  const listUrl = (query: string): string => `${stage.webUi}?query=${encodeURIComponent(query)}`;
  mkdirSync(folder, { recursive: true });
  const shoot = async (name: string, view: View): Promise<void> => {
    await look(page, view);
    await take(page, `${folder}/${name}.png`, view.height);
    console.error(`${folder}/${name}.png`);
  };

  const runs = await playScenes(stage, {
    cancel: async (run, reason) => {
      await look(page, { url: runUrl(run), words: ['RUNNING'] });
      await sendSignal(page, {
        name: 'cancel',
        input: JSON.stringify({ reason }),
        picture: `${folder}/send-signal.png`,
      });
      await seen(page, 'CANCELED');
    },
  });
  const [delivery] = (await runs.backOff.status()).deliveries;

  await shoot('settling', {
    url: runUrl(await playSettling(stage)),
    words: ['RUNNING', /settle 15 s/],
    height: 960,
  });
  await shoot('list', {
    url: stage.webUi,
    words: [/\d Running/i, /\d Completed/i, /\d Failed/i, /\d Canceled/i],
    height: 720,
  });
  await shoot('list-retrying', {
    url: listUrl('WebhookState = "retrying" AND ExecutionStatus = "Running"'),
    words: ['WebhookState', 'call-webhook/call_7f21c9'],
    height: 420,
  });
  await shoot('list-endpoint', {
    url: listUrl(`WebhookEndpoints = "${delivery?.endpointId}"`),
    words: ['WebhookEndpoints', 'call-webhook/call_7f21c9'],
    height: 420,
  });
  await shoot('back-off-details', {
    url: runUrl(runs.backOff),
    tab: 'user-metadata',
    words: ['RUNNING', /attempt 3 of 5 is due at/, /all its runs/, /the waiting attempt goes now/],
    height: 860,
  });
  await shoot('back-off-pending', {
    url: runUrl(runs.backOff),
    tab: 'pending-activities',
    words: ['3 / 5', /attempt 2 of 5: HTTP 503 from crm\.localhost/],
  });
  await shoot('failed', {
    url: runUrl(runs.failed),
    words: ['FAILED', /billing\.localhost did not take it in 5 attempts/, /record the outcome of billing\.localhost/],
    height: 1_000,
  });
  await shoot('failed-details', {
    url: runUrl(runs.failed),
    tab: 'user-metadata',
    words: ['FAILED', /attempt 5 of 5/, /redeliver/],
    height: 860,
  });
  await shoot('cancelled-details', {
    url: runUrl(runs.cancelled),
    tab: 'user-metadata',
    words: ['CANCELED', /Cancel asked: the customer moved/],
    height: 860,
  });
}

void runScript(main);
