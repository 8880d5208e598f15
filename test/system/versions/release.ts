/** The release of docs/upgrade.md: an altered version beside the first one, from its first poll to the end of the old. */
import { isDeepStrictEqual } from 'node:util';
import { versionOf } from '../../../client/worker-versions.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Check } from '../topology/checks.ts';
import { codeOf, type Installation } from './installation.ts';

const SET_CURRENT = 'temporal worker deployment set-current-version --deployment-name webhooks --build-id 0.2.0';
const DESCRIBE = 'temporal worker deployment describe-version';

/** Plays it, and resolves with what was seen. The workers of the new version run on. */
export async function playRelease(installation: Installation): Promise<Check[]> {
  const { run, client, cli, fromPage, bodies } = installation;
  const checks: Check[] = [];
  const check = (what: string, ok: boolean, seen: unknown): void => {
    checks.push({ what, ok, seen: String(seen) });
    run.say(`${ok ? 'holds' : 'FAILS'}: ${what} (${String(seen)})`);
  };
  const versionNow = async (workflowId: string) =>
    versionOf((await client.workflow.getHandle(workflowId).describe()).raw);

  const first = await installation.startWorker('0.1.0', 'first');
  check('a new version says that it is not current, with the command', first.log().includes('set-current-version'), '');
  const early = await installation.end('waiting');
  const trap = await cli('doctor', '--no-probe');
  check('doctor says version_not_current', trap.failed && trap.stdout.includes('version_not_current'), '');
  check('nothing was sent until then', bodies(early.call).length === 0, `${bodies(early.call).length} POSTs`);
  await fromPage(SET_CURRENT, { '0.2.0': '0.1.0' });
  await waitFor('the first POST', () => bodies(early.call).length === 1);
  await waitFor('the word of the worker', () => first.log().includes('worker.version_current'));

  // In the middle: deliveries wait, and a call settles.
  const old = [
    early,
    await installation.end('waiting'),
    await installation.end('waiting'),
    await installation.end('settling'),
  ];
  const [, waiting, hurried] = old;
  await waitFor('the first attempts', () => [waiting, hurried].every((each) => each && bodies(each.call).length === 1));
  const second = await installation.startWorker('0.2.0', 'altered');
  const ready = await cli('worker', '--check');
  check('a worker without a version would be left out, and --check says so', ready.stdout.includes('is current'), '');
  await fromPage(SET_CURRENT, {});
  await hurried?.handle.retryNow();
  const fresh = [await installation.end('waiting'), await installation.end('settling')];
  const ends = await Promise.all([...old, ...fresh].map(({ handle }) => handle.result()));
  check(
    'everything is delivered',
    ends.every(({ state }) => state === 'delivered'),
    ends.map(({ state }) => state),
  );
  const bytes = (some: typeof old) => [...new Set(some.flatMap(({ call }) => bodies(call).map(codeOf)))];
  check(
    'runs of the old version sent its bytes, also after retry-now',
    isDeepStrictEqual(bytes(old), ['first']),
    bytes(old),
  );
  check('new runs sent those of the new one', isDeepStrictEqual(bytes(fresh), ['altered']), bytes(fresh));
  const versions = await Promise.all(old.map(({ handle }) => versionNow(handle.workflowId)));
  check(
    'old runs ended on the old version',
    versions.every((version) => version === 'webhooks:0.1.0'),
    new Set(versions).size,
  );
  const drained = await waitFor('the drained version', async () => {
    const said = await fromPage(DESCRIBE, {});
    return /DrainageStatus\s+drained/.test(said) && said;
  });
  check('Temporal says that the old version is drained', drained !== undefined, 'drained');
  await waitFor('the word of the worker', () => first.log().includes('worker.version_drained'));
  check('so does its worker', true, 'worker.version_drained');
  check('it stops with exit code 0', (await first.end('SIGTERM')) === 0, '');

  await waiting?.handle.redeliver({ force: true });
  await waiting?.handle.result();
  const again = waiting === undefined ? [] : bodies(waiting.call);
  check(
    'a redelivery runs on the new version',
    (await versionNow(waiting?.handle.workflowId ?? '')) === 'webhooks:0.2.0',
    '',
  );
  check('… and sends the old bytes', again.length === 3 && new Set(again).size === 1, `${again.length} POSTs`);
  await second.end('SIGTERM');
  return checks;
}
