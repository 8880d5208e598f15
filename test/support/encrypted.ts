/** Keys, converters and searches for tests of encryption. */
import type { WorkerOptions } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { encryptedDataConverter, generateEncryptionKey, type EncryptionOptions } from '../../codec/index.ts';
import { protobuf } from './protobuf.ts';
import { encryptingBundle } from './workflow-bundles.ts';

/** Two keys, made for this process. */
export const KEYS = { old: generateEncryptionKey(), new: generateEncryptionKey() };

/** Before a rotation, and after it. */
export const BEFORE: EncryptionOptions = { keys: { old: KEYS.old }, activeKeyId: 'old' };
export const ROTATED: EncryptionOptions = { keys: KEYS, activeKeyId: 'new' };

/** `temporal` options of a worker with these keys. */
export async function encryptedWorker(options: EncryptionOptions): Promise<Partial<WorkerOptions>> {
  return { dataConverter: encryptedDataConverter(options), workflowBundle: await encryptingBundle() };
}

/** A run as the server keeps it: its history, and what describe tells (memo, attributes, summaries, pending
 *  failures), as the bytes on the wire. */
export async function rawBytes(client: Client, workflowId: string, runId?: string): Promise<Buffer> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { raw } = await handle.describe();
  return Buffer.concat([
    protobuf.history.v1.History.encode(await handle.fetchHistory()).finish(),
    protobuf.workflowservice.v1.DescribeWorkflowExecutionResponse.encode(raw).finish(),
  ]);
}

/** Which of `needles` are in `bytes`: plain, base64 at each of its three alignments, hex or URL-encoded. */
export function found(needles: readonly string[], bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  return needles.filter((needle) => formsOf(needle).some((form) => text.includes(form)));
}

function formsOf(needle: string): string[] {
  const bytes = Buffer.from(needle);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends contain bits of their neighbours.
    return text.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  return [bytes.toString('latin1'), hex, hex.toUpperCase(), encodeURIComponent(needle), ...base64];
}
