/** What people paste where a command wants an id. Pure. */
import { oneLine } from '../../contract/shown-text.ts';
import { usageError } from '../process/exit.ts';

/** An id as the commands know it. `runId` and `namespace` are known if the address of a page was pasted. */
export type PastedId = { readonly id: string; readonly runId?: string; readonly namespace?: string };

/** A run id, as Temporal makes them. A call id may have this form, too. */
export const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** A webhook id, as the receiver sees it. A call id may have this form, too. */
export const WEBHOOK_ID = /^msg_[A-Za-z0-9_-]{24}$/;

/** The path of a run in the Web UI. Behind a proxy, something may stand before it. */
const PAGE = /\/namespaces\/([^/?#]+)\/workflows\/([^/?#]+)(?:\/([^/?#]+))?/;

/** Reads what was pasted: an id of any kind, a workflow id as a browser's address has it (`call-webhook%2F…`), or a
 *  whole address of the Web UI. Throws CliError `bad_option` for another address. */
export function readPasted(text: string): PastedId {
  const pasted = text.trim();
  const isAddress = /^https?:\/\//i.test(pasted);
  const [, namespace = '', id = '', run = ''] = (isAddress || pasted.startsWith('/') ? PAGE.exec(pasted) : null) ?? [];
  if (id !== '') {
    return { id: decoded(id), namespace: decoded(namespace), ...(RUN_ID.test(run) && { runId: run.toLowerCase() }) };
  }
  // Not shown: it may be the URL of a webhook, with a token in it.
  if (isAddress)
    throw usageError('this address is no run of the Web UI: …/namespaces/<namespace>/workflows/<workflow id>');
  return { id: /^(call|campaign)-webhook%2F/i.test(pasted) ? decoded(pasted) : pasted };
}

/** Decoded once: a workflow id itself has percent signs where the call id has odd characters. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The namespace of a pasted address or of `--namespace`. Throws CliError `bad_option` if they differ. */
export function namespaceOf({ namespace }: PastedId, option: string | undefined): string | undefined {
  if (namespace === undefined || option === undefined || namespace === option) return option ?? namespace;
  throw usageError(`the address is of namespace ${oneLine(namespace)}, and --namespace says ${oneLine(option)}`);
}
