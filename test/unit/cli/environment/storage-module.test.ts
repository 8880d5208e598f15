/** TOPCALLS_STORAGE_MODULE: what is loaded, and what is said of a module that cannot be. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readDataConverter } from '../../../../cli/environment/data-converter.ts';
import { readStorage } from '../../../../cli/environment/storage-module.ts';

const folder = mkdtempSync(join(tmpdir(), 'topcalls-storage-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
/** A module with this text. */
function aModule(text: string): string {
  files += 1;
  const path = join(folder, `storage-${files}.cjs`);
  writeFileSync(path, text);
  return path;
}

const DRIVER = "{ name: 's3', type: 'aws.s3', store() {}, retrieve() {} }";
const read = (path: string, env: NodeJS.ProcessEnv = {}) => readStorage({ ...env, TOPCALLS_STORAGE_MODULE: path });

test('without the variable, or with an empty one, nothing is stored outside', async () => {
  expect(await readStorage({})).toBeUndefined();
  expect(await readStorage({ TOPCALLS_STORAGE_MODULE: '' })).toBeUndefined();
  expect(await readDataConverter({})).toBeUndefined();
});

test.each([
  ['what it exports', `module.exports = { drivers: [${DRIVER}], payloadSizeThreshold: 4096 };`],
  ['its default', `exports.default = { drivers: [${DRIVER}], payloadSizeThreshold: 4096 };`],
  ['what its function makes', `module.exports = () => ({ drivers: [${DRIVER}], payloadSizeThreshold: 4096 });`],
  [
    'what its function promises',
    `module.exports = async () => ({ drivers: [${DRIVER}], payloadSizeThreshold: 4096 });`,
  ],
])('%s is the storage', async (_what, text) => {
  const storage = await read(aModule(text));
  expect(storage).toMatchObject({ drivers: [{ name: 's3' }], payloadSizeThreshold: 4_096 });
  expect(storage?.getDriver('s3')).toMatchObject({ type: 'aws.s3' });
});

test('its function gets the environment, and the path counts from the working directory', async () => {
  const text = `module.exports = ({ BUCKET }) => ({ drivers: [{ ...${DRIVER}, name: BUCKET }] });`;
  const storage = await read(relative(process.cwd(), aModule(text)), { BUCKET: 'bodies' });
  // 256 KiB is the SDK's own threshold.
  expect(storage).toMatchObject({ drivers: [{ name: 'bodies' }], payloadSizeThreshold: 262_144 });
});

test('the data converter has the encryption beside it', async () => {
  const keys = JSON.stringify({ activeKeyId: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64') } });
  const converter = await readDataConverter({
    TOPCALLS_STORAGE_MODULE: aModule(`module.exports = { drivers: [${DRIVER}] };`),
    TOPCALLS_ENCRYPTION_KEYS: keys,
  });
  expect(converter).toMatchObject({ externalStorage: { drivers: [{ name: 's3' }] } });
  expect(converter?.payloadCodecs).toHaveLength(1);
});

test.each([
  ['it throws Error', "throw new Error('password hunter2');"],
  ['it throws SyntaxError', 'module.exports = {'],
  [
    'it throws TypeError EACCES',
    "module.exports = () => { throw Object.assign(new TypeError('hunter2'), { code: 'EACCES' }); };",
  ],
  ['what it exports has no list drivers', 'module.exports = {};'],
  ['what it exports has no list drivers', 'module.exports = () => undefined;'],
  ['a driver lacks store or retrieve', "module.exports = { drivers: [{ name: 's3', store() {} }] };"],
  ['a driver lacks store or retrieve', 'module.exports = { drivers: [null] };'],
  ['requires at least one driver', 'module.exports = { drivers: [] };'],
  ['Duplicate storage driver name', `module.exports = { drivers: [${DRIVER}, ${DRIVER}] };`],
  ['payloadSizeThreshold must be', `module.exports = { drivers: [${DRIVER}], payloadSizeThreshold: '4 KB' };`],
])('%s is told with the variable, and no text of the module', async (why, text) => {
  const error = await read(aModule(text)).catch((reason: unknown) => reason as Error & { code: string });
  expect(error).toMatchObject({ code: 'bad_environment' });
  expect((error as Error).message).toContain('TOPCALLS_STORAGE_MODULE');
  expect((error as Error).message).toContain(why);
  expect((error as Error).message).not.toContain('hunter2');
});

test('a module that is not there is named', async () => {
  await expect(read(join(folder, 'none.cjs'))).rejects.toThrow(/Cannot find module '.*none.cjs'/);
});
