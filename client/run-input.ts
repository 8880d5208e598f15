/** What the client checks by itself. Pure. */
import type { Client } from '@temporalio/client';
import { needsOccurrence } from '../contract/repairs/campaign.ts';
import { RepairList } from '../contract/repairs/repair-list.ts';
import { idOf } from '../contract/repairs/texts.ts';
import { CAMPAIGN_EVENT_RULE, isCampaignEvent } from '../contract/repairs/words.ts';
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';

/** Returns `client`. Throws `InvalidInputError` if it is not a Temporal client, so that the mistake shows before the
 *  first call. */
export function checkClient(client: Client): Client {
  if (typeof (client as Partial<Client> | undefined)?.workflow?.start === 'function') return client;
  const problem = 'must be the Client of @temporalio/client: new WebhookClient(new Client({ connection, namespace }))';
  throw new InvalidInputError('WebhookClient', [{ field: 'client', problem }]);
}

/** The id as text: engines hold numbers, too. Throws `InvalidInputError` for what cannot be an id. */
export function checkedId(field: string, id: unknown): string {
  const read = idOf(id, field, new RepairList());
  if ('id' in read) return read.id;
  throw new InvalidInputError('handle', [{ field, problem: read.problem }]);
}

/** Returns `event`. Throws `InvalidInputError` for what is no event of a campaign, and for one that lacks the
 *  `occurrence` that it needs: no run has such an id. */
export function checkedCampaignEvent<E extends string>(event: E, occurrence: string | undefined): E {
  if (!isCampaignEvent(event)) {
    throw new InvalidInputError('handle', [{ field: 'event', problem: CAMPAIGN_EVENT_RULE }]);
  }
  if (occurrence === undefined && needsOccurrence(event)) {
    const problem = `missing: ${event} can happen more than once; give the occurrence that was reported`;
    throw new InvalidInputError('handle', [{ field: 'occurrence', problem }]);
  }
  return event;
}
