/** The data converter of worker and commands: TOPCALLS_ENCRYPTION_KEYS encrypts, TOPCALLS_STORAGE_MODULE stores. */
import type { DataConverter } from '@temporalio/common';
import { given } from '../../contract/given.ts';
import type { Env } from '../../temporal-server/env.ts';
import { readEncryptionKeys } from './encryption-keys.ts';
import { readStorage } from './storage-module.ts';

/** Undefined if neither is configured. Rejects with EnvError. */
export async function readDataConverter(env: Env): Promise<DataConverter | undefined> {
  const encryption = readEncryptionKeys(env)?.dataConverter;
  const externalStorage = await readStorage(env);
  if (encryption === undefined && externalStorage === undefined) return undefined;
  return { ...encryption, ...given({ externalStorage }) };
}
