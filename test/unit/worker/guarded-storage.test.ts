/** What a driver of the host's external storage may do: throw, hang, work. With a server: test/integration/big-bodies. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { ExternalStorage, type StorageDriver } from '@temporalio/common';
import { withGuardedStorage } from '../../../worker/index.ts';
import { endsAfter, stopClock } from '../../support/stopped-clock.ts';

afterEach(() => {
  jest.useRealTimers();
});

const driver = (retrieve: StorageDriver['retrieve'], name = 's3'): StorageDriver => ({
  name,
  type: 'test',
  store: () => Promise.reject(Object.assign(new Error('bucket and key'), { code: 'AccessDenied' })),
  retrieve,
});

function guarded(...drivers: readonly StorageDriver[]): ExternalStorage {
  const last = drivers.at(-1);
  const externalStorage = new ExternalStorage({ drivers: [...drivers], driverSelector: () => last ?? null });
  const made = withGuardedStorage({ externalStorage }).externalStorage;
  if (made === undefined) throw new Error('the storage is lost');
  return made;
}

test('a driver that works is passed through, and the selector still chooses among the drivers', async () => {
  const storage = guarded(
    driver(async () => [{ data: new Uint8Array([1]) }]),
    driver(async () => [], 'other'),
  );
  expect(await storage.getDriver('s3')?.retrieve({}, [])).toEqual([{ data: new Uint8Array([1]) }]);
  expect(storage.driverSelector({}, {})).toBe(storage.getDriver('other'));
});

test('a driver that throws ends the task with a failure that names storage and code, never its words', async () => {
  const storage = guarded(driver(() => Promise.reject(new TypeError('bucket and key'))));
  await expect(storage.getDriver('s3')?.retrieve({}, [])).rejects.toMatchObject({
    type: 'StoredPayloadUnavailable',
    message: 'the external storage "s3" does not give a payload: TypeError',
    nonRetryable: false,
  });
  await expect(storage.getDriver('s3')?.store({}, [])).rejects.toThrow('does not take a payload: AccessDenied');
});

test('a driver that hangs is given up before the workflow task is over', async () => {
  stopClock();
  const asked = guarded(driver(() => new Promise(() => {})))
    .getDriver('s3')
    ?.retrieve({}, []);
  const said = endsAfter(
    8_000,
    Promise.resolve(asked).catch((error: unknown) => String(error)),
  );
  expect(await said).toContain('no answer within 8 s');
});

test('a converter without a storage stays as it is', () => {
  const converter = { payloadCodecs: [] };
  expect(withGuardedStorage(converter)).toBe(converter);
});
