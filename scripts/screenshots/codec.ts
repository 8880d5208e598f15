/**
 * Second half of `npm run screenshots`: the pictures of docs/encryption.md. They show an encrypted run in the real
 * Web UI, before and after a person logs in at the codec server. Then the Web UI sends a signal, which it has to
 * encrypt. The script fails where the browser cannot do one of them.
 */
import { spawn } from 'node:child_process';
import { encryptedDataConverter, generateEncryptionKey } from '../../codec/index.ts';
import type { EncryptionOptions } from '../../codec/index.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { runScript } from '../../test/support/run-script.ts';
import type { Closers } from '../../test/support/run-script.ts';
import { keepInBrowser, look, openBrowser, seen, sendSignal, take } from './browser.ts';
import { openReadableStage } from './readable-stage.ts';
import { WebhookClient } from '../../client/index.ts';

const TOKEN = 'only-for-the-pictures-of-this-one-run';

async function main(closers: Closers): Promise<void> {
  const browser = await openBrowser();
  closers.push(() => browser.close());
  const keys: EncryptionOptions = { activeKeyId: 'k1', keys: { k1: generateEncryptionKey() } };
  const stage = await openReadableStage({ dataConverter: encryptedDataConverter(keys) });
  closers.push(() => stage.close());
  const handle = await new WebhookClient(stage.client).callEnded({
    call_id: 'call_7f21c9',
    status: 'failed',
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    created_at: '2025-12-22T10:30:00Z',
    account_id: 'acct_dental',
    webhook_url: stage.hook('crm.localhost', 503),
  });
  if (handle === undefined) throw new Error('the call started no run');
  const codecUrl = await startCodecServer(keys, new URL(stage.webUi).origin, closers);
  const { page } = browser;
  // What people set once behind the glasses in the top bar: endpoint, and "Include cross-origin credentials".
  await keepInBrowser(page.context(), {
    endpoint: codecUrl,
    includeCredentials: true,
    overrideRemoteCodecConfiguration: true,
  });
  const url = `${stage.webUi}/${encodeURIComponent(handle.workflowId)}`;

  await look(page, { url, words: ['RUNNING', /Codec Server could not connect/], height: 700 });
  await take(page, 'docs/img/codec-locked.png', 700);
  await page.goto(codecUrl);
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button').click();
  await seen(page, /Logged in/);
  await look(page, {
    url,
    tab: 'pending-activities',
    words: ['RUNNING', /attempt 1 of 5: HTTP 503 from crm\.localhost/],
    height: 700,
  });
  await take(page, 'docs/img/codec-decoded.png', 700);

  await sendSignal(page, { name: 'cancel', input: '{"reason":"asked in the Web UI"}' });
  const { state, cancelReason } = await handle.result();
  if (`${state}, ${cancelReason}` !== 'cancelled, asked in the Web UI') throw new Error(`the signal came to ${state}`);
  console.error('docs/img/codec-locked.png, docs/img/codec-decoded.png; a signal from the Web UI arrived encrypted');
}

/** The built command as an operator starts it; resolves with its address once it says that it listens. */
async function startCodecServer(keys: EncryptionOptions, origin: string, closers: Closers): Promise<string> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['dist/cli/main.js', 'codec-server', '--origin', origin, '--port', String(port)],
    {
      env: { ...process.env, TOPCALLS_CODEC_TOKEN: TOKEN, TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(keys) },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  closers.push(() => {
    child.kill('SIGTERM');
    return ended;
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (String(chunk).includes('codec server: http')) resolve();
    });
    void ended.then((code) => reject(new Error(`the codec server ended with ${code}`)));
  });
  return `http://127.0.0.1:${port}`;
}

void runScript(main);
