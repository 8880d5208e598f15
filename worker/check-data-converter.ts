/**
 * Checks, before a worker polls, that its data converter reads the one payload that the server writes itself: the
 * details of an attempt that a run cancels while it waits. The SDK decodes it before our code sees it. With a converter
 * that cannot, each run that is cancelled or hurried between two attempts would stand still, and the worker would look
 * healthy.
 */
import type { DataConverter } from '@temporalio/common';
import { decodeArrayFromPayloads, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { SERVER_TEXT } from '../codec/encryption-codec.ts';
import { decodingProblem } from '../contract/decoding-problem.ts';

/** Rejects with `TypeError` if the converter cannot read what the server writes. Errors of loading a converter come as
 *  they are. */
export async function requireServerTextReadable(dataConverter: DataConverter | undefined): Promise<void> {
  if (dataConverter === undefined) return;
  const converter = loadDataConverter(dataConverter);
  const written = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(SERVER_TEXT) };
  try {
    await decodeArrayFromPayloads(converter, [written]);
  } catch (cause) {
    throw new TypeError(
      `createWebhookWorker: the data converter cannot read ${SERVER_TEXT} in json/plain (${decodingProblem(cause)}). ` +
        'The server writes it where a waiting attempt is cancelled, whatever the converter. Give your payload ' +
        'converter the JsonPayloadConverter of @temporalio/common, and let it through in your codec; see ' +
        'docs/encryption.md',
      { cause },
    );
  }
}
