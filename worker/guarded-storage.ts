/**
 * The host's external storage as a worker uses it. A driver that is down or hangs ends a task in a failure that names
 * the storage, after a time limit. The workflow knows this failure: a delivery whose body cannot be fetched waits for
 * us, and spends no attempt.
 */
import { ApplicationFailure, type DataConverter, ExternalStorage, type StorageDriver } from '@temporalio/common';
import { codeOrName } from '../contract/error-in-words.ts';
import { inTime } from '../contract/in-time.ts';
import { FAILURE_TYPES } from '../contract/names.ts';

/** Below the 10 s of a workflow task, so that its failure still has words. */
const DRIVER_MS = 8_000;

/** The same data converter. Its drivers keep their names and selector. */
export function withGuardedStorage(dataConverter: DataConverter): DataConverter {
  const { externalStorage } = dataConverter;
  if (externalStorage === undefined) return dataConverter;
  const guarded = new Map(externalStorage.drivers.map((driver) => [driver.name, guardedDriver(driver)]));
  const { payloadSizeThreshold, driverSelector } = externalStorage;
  return {
    ...dataConverter,
    externalStorage: new ExternalStorage({
      drivers: [...guarded.values()],
      payloadSizeThreshold,
      driverSelector: (context, payload) => {
        const chosen = driverSelector(context, payload);
        return chosen && (guarded.get(chosen.name) ?? chosen);
      },
    }),
  };
}

function guardedDriver(driver: StorageDriver): StorageDriver {
  const { name, type } = driver;
  return {
    name,
    type,
    store: (context, payloads) => guarded(name, 'does not take a payload', () => driver.store(context, payloads)),
    retrieve: (context, claims) => guarded(name, 'does not give a payload', () => driver.retrieve(context, claims)),
  };
}

async function guarded<T>(name: string, what: string, work: () => Promise<T>): Promise<T> {
  const failed = (why: string): ApplicationFailure => {
    const message = `the external storage ${JSON.stringify(name)} ${what}: ${why}`;
    // A stack of the host's driver names files of its machine.
    const failure = ApplicationFailure.create({ type: FAILURE_TYPES.storedPayload, message });
    failure.stack = '';
    return failure;
  };
  try {
    return await inTime(work(), DRIVER_MS, () => {
      throw failed(`no answer within ${DRIVER_MS / 1_000} s`);
    });
  } catch (error) {
    throw error instanceof ApplicationFailure ? error : failed(codeOrName(error));
  }
}
