/** One data converter for client and worker, so that both encrypt the same things. */
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { encryptionCodec } from './encryption-codec.ts';
import type { EncryptionOptions } from './encryption-keys.ts';

/** Path of the module that encodes failure messages. The package has a workflow bundle that was built with it. */
export const ENCODED_FAILURES_PATH = join(typeof __dirname === 'string' ? __dirname : '', 'failure-converter');

/** Encrypts inputs, results, signals, queries, memos, summaries, failure messages and details. Ids, types, search
 *  attributes and times stay readable (docs/encryption.md). Pass the same converter to both sides:
 *  `new Client({ connection, dataConverter })`, `createWebhookWorker({ …, temporal: { dataConverter } })`.
 *  Throws `EncryptionConfigError`. */
export function encryptedDataConverter(options: EncryptionOptions): DataConverter {
  return { payloadCodecs: [encryptionCodec(options)], failureConverterPath: ENCODED_FAILURES_PATH };
}
