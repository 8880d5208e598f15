/** A driver of the SDK's external storage that keeps payloads as files, as an S3 driver keeps objects. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExternalStorage, type Payload, type StorageDriver, StorageDriverClaim } from '@temporalio/common';
import { protobuf } from './protobuf.ts';

const { Payload: PayloadMessage } = protobuf.common.v1;

export class DiskDriver implements StorageDriver {
  readonly name = 'disk';
  readonly type = 'test.disk';
  readonly folder: string;
  /** How many of the next requests fail, as if the storage was not reachable. */
  failsNext = 0;

  constructor(folder = mkdtempSync(join(tmpdir(), 'topcalls-stored-'))) {
    this.folder = folder;
  }

  async store(_context: object, payloads: Payload[]): Promise<StorageDriverClaim[]> {
    this.#orThrow();
    return Promise.all(
      payloads.map(async (payload) => {
        const bytes = PayloadMessage.encode(payload).finish();
        const key = createHash('sha256').update(bytes).digest('hex');
        await writeFile(join(this.folder, key), bytes);
        return new StorageDriverClaim({ key });
      }),
    );
  }

  async retrieve(_context: object, claims: StorageDriverClaim[]): Promise<Payload[]> {
    this.#orThrow();
    return Promise.all(
      claims.map(async ({ claimData }) =>
        PayloadMessage.decode(await readFile(join(this.folder, String(claimData['key'])))),
      ),
    );
  }

  names(): string[] {
    return readdirSync(this.folder);
  }

  content(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  #orThrow(): void {
    if (this.failsNext === 0) return;
    this.failsNext -= 1;
    throw Object.assign(new Error('hush'), { code: 'ECONNREFUSED' });
  }
}

/** For a data converter. */
export function storedBy(driver: StorageDriver, payloadSizeThreshold = 4_096): ExternalStorage {
  return new ExternalStorage({ drivers: [driver], payloadSizeThreshold });
}
