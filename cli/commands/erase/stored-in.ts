/** What a webhook has in the host's external storage (docs/big-bodies.md). `erase` names it, and cannot delete it. */
import type { Client } from '@temporalio/client';
import { inDeadline } from '../../../client/deadlines.ts';
import { fetchHistory } from '../../../client/fetch-history.ts';
import { storedObjects, type StoredObject } from '../../../client/stored-payloads.ts';
import { withoutMemos } from '../../../client/without-memos.ts';
import { ifNotFound, type ErasableRun } from './find-erasable.ts';
import { counted } from '../../process/counted.ts';

/** What the runs' histories refer to. The server counts references, so other histories are not read. */
export async function storedIn(
  client: Client,
  workflowId: string,
  runs: readonly ErasableRun[],
): Promise<readonly StoredObject[]> {
  const found = new Map<string, StoredObject>();
  for (const { runId } of runs) {
    const run = withoutMemos(client).getHandle(workflowId, runId);
    const described = await inDeadline(client, () => run.describe()).catch(ifNotFound);
    if (described === undefined || Number(described.raw.workflowExecutionInfo?.externalPayloadCount ?? 0) === 0)
      continue;
    const events = await inDeadline(client, () => fetchHistory(client, described));
    for (const object of await storedObjects(events)) found.set(JSON.stringify(object), object);
  }
  return [...found.values()];
}

/** `; 3 objects stay in the external storage`, or nothing. */
export function storedInWords(stored: readonly StoredObject[]): string {
  if (stored.length === 0) return '';
  return `; ${counted(stored.length, 'object stays', 'objects stay')} in the external storage`;
}
