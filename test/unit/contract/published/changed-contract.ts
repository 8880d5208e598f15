/** The present contract with one change made by hand, for the tests of the gate. */
import { breakingChanges } from '../../../../scripts/contract/breaking-changes.ts';
import { contractDocuments } from '../../../../scripts/contract/documents.ts';

export const CALL = 'schemas/call.completed.schema.json';

/** The contract as the code makes it now, each document parsed anew. */
export function present(): Map<string, any> {
  return new Map([...contractDocuments()].map(([path, text]) => [path, JSON.parse(text) as unknown]));
}

/** What the gate says after `change` to one document, by default the schema of call.completed. */
export function after(change: (schema: any) => void, path = CALL): string[] {
  const changed = present();
  change(changed.get(path));
  return breakingChanges(present(), changed);
}
