/** What to do if the log has no record of an id. Pure. */
import { oneLine } from '../../../contract/shown-text.ts';
import { shellWord } from '../../../client/shell-word.ts';
import { decoded, RUN_ID, WEBHOOK_ID } from '../pasted-id.ts';

/** The words. `place` is the log in words. */
export function noSuchWebhook(id: string, place: string): string {
  // Nothing of an address is shown: it may be the URL of a webhook, with a token in it.
  if (/^https?:/i.test(id.trim())) return 'an address is no webhook id (msg_…); status takes an address of the Web UI';
  if (WEBHOOK_ID.test(id)) {
    return (
      `${place} has no webhook ${id}: a delivery is recorded when it ends. topcalls-webhooks status ${id} shows what ` +
      'still runs. If the run was terminated: topcalls-webhooks reconcile'
    );
  }
  if (RUN_ID.test(id)) return `${id} is a run id: topcalls-webhooks status ${id} shows its webhook ids`;
  return `${oneLine(id)} is no webhook id (msg_…). Look for it with: topcalls-webhooks db list ${inLog(id)}`;
}

/** The option of `db list` that finds a call id, or what a workflow id is about. */
export function inLog(id: string): string {
  const [kind, first = ''] = id.split('/');
  return kind === 'campaign-webhook' ? `--campaign ${shellWord(decoded(first))}` : `--call ${shellWord(callIn(id))}`;
}

/** The call id of a workflow id, or the id as it is. */
function callIn(id: string): string {
  const [kind, first = ''] = id.split('/');
  return kind === 'call-webhook' ? decoded(first) : id;
}
