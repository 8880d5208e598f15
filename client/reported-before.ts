/** What a second report of a call or campaign event says otherwise than the first one. Pure. */
import type { ReportedWebhook } from '../contract/report-answer.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';

/** In words, what differs between the report of `earlier` and this one; undefined if nothing does. It names fields and
 *  events, never values. */
export function reportedDifferently(earlier: AnyRunInput, input: AnyRunInput): string | undefined {
  const fields = differingFields(earlier, input);
  const isOtherEvent = earlier.event !== input.event;
  if (!isOtherEvent && fields.length === 0) return undefined;
  const data = fields.join(', ');
  const first = 'The first report counts: nothing is sent for this one. Report a call once, when it is over';
  if (!isOtherEvent) return `was reported before with other data (${data}). ${first}`;
  const others = fields.length === 0 ? '' : ` Other data, too: ${data}.`;
  return `was reported before as ${earlier.event}, and now as ${input.event}.${others} ${first}`;
}

function differingFields(earlier: AnyRunInput, input: AnyRunInput): string[] {
  const [before, now] = [dataOf(earlier), dataOf(input)];
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const differing = [...names].filter((name) => sortedJson(before[name]) !== sortedJson(now[name]));
  // An event that differs says so in the status already.
  const data = differing.filter((name) => earlier.event === input.event || name !== 'status');
  return sortedJson(endpointIdsOf(earlier)) === sortedJson(endpointIdsOf(input)) ? data : [...data, 'endpoints'];
}

function dataOf(input: AnyRunInput): Readonly<Record<string, unknown>> {
  return 'call' in input ? input.call : input.campaign;
}

/** The webhooks of a run's event, also those that a redelivery left out. */
export function webhooksOf({ endpoints, redelivery }: AnyRunInput): ReportedWebhook[] {
  const others = (redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint);
  return [...endpoints, ...others].map(({ endpointId, host, webhookId }) => ({ endpointId, host, webhookId }));
}

function endpointIdsOf(input: AnyRunInput): string[] {
  return webhooksOf(input)
    .map(({ endpointId }) => endpointId)
    .sort();
}

/** JSON with sorted keys: databases give the keys of metadata back in any order. */
function sortedJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}
