/** Webhook settings as people write them on a call, a campaign or an account, checked when those are created. */
import * as z from 'zod';
import { kindOf } from '../canonical-json.ts';
import { parseEgressOptions, type EgressOptions } from '../egress/policy.ts';
import {
  CALL_EVENTS,
  CAMPAIGN_EVENTS,
  DEFAULT_EVENTS,
  isEventName,
  type ConfigLevel,
  type EventName,
} from '../event-types.ts';
import { judgeWebhookUrl } from '../egress/url-rules.ts';
import { metadataSchema, secretRefSchema } from './fields.ts';
import { InvalidInputError, parseInput } from './invalid-input.ts';

/** `''` is none: forms and columns send it, and an ended call is not lost to it. */
const optionalSecretRefSchema = z.union([z.literal(''), secretRefSchema]).nullish();

/** One endpoint's settings after the call has ended: loose on purpose, since nothing may be lost to validation then, least of all
 *  what goes to the call's other endpoints. A URL that is none, text or not, ends the delivery refused; an event name that is
 *  none is passed over with a warning. */
export const endpointSettingsSchema = z.object({
  webhook_url: z
    .custom<string | null>(() => true)
    .transform(asText)
    .nullish(),
  webhook_events: z.array(z.custom<string>(() => true).transform(asText)).nullish(),
  secret_ref: optionalSecretRefSchema,
});

/** What is no text, in a form that no URL and no event name has. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : `(${kindOf(value)})`;
}

/** A checked configuration: events spelled out, in the order given. */
export type WebhookConfig = {
  readonly webhook_url?: string;
  readonly webhook_events: readonly EventName[];
  readonly secret_ref?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** Events that each level may subscribe to. `webhook.test` is sent on demand, not subscribed to. */
const KNOWN_EVENTS: Readonly<Record<ConfigLevel, readonly EventName[]>> = {
  call: CALL_EVENTS,
  campaign: [...CAMPAIGN_EVENTS, ...CALL_EVENTS],
  account: [...CAMPAIGN_EVENTS, ...CALL_EVENTS],
};

const rawConfigSchema = z.object({
  webhook_url: z.string().nullish(),
  webhook_events: z.array(z.string()).nullish(),
  secret_ref: optionalSecretRefSchema,
  metadata: metadataSchema.optional(),
});

/** Checks webhook settings when a call or campaign is created, and refuses what is wrong while somebody can still mend it.
 *
 *  `webhook_events`: omitted gives the level's defaults, `[]` gives none. The URL is judged by the rules of the egress
 *  guard (`egress`: the options your worker runs with; default https to public hosts only).
 *  Throws `InvalidInputError` naming the field, what came and what is allowed. */
export function parseWebhookConfig(
  config: unknown,
  level: ConfigLevel,
  { egress }: { readonly egress?: EgressOptions } = {},
): WebhookConfig {
  const { webhook_url, webhook_events, secret_ref, metadata } = parseInput(rawConfigSchema, config, 'webhook settings');
  const known = KNOWN_EVENTS[level];
  const issues = (webhook_events ?? []).flatMap((name, index) =>
    isEventName(name) && known.includes(name)
      ? []
      : [
          {
            field: `webhook_events[${index}]`,
            problem: `${JSON.stringify(name.slice(0, 60))} is not an event of a ${level}; known are ${known.join(', ')}`,
          },
        ],
  );
  if (webhook_url !== undefined && webhook_url !== null) {
    const verdict = judgeWebhookUrl(webhook_url, parseEgressOptions(egress));
    if (!verdict.ok) issues.push({ field: 'webhook_url', problem: `${verdict.code}: ${verdict.rule}` });
  } else if ((webhook_events ?? []).length > 0) {
    issues.push({ field: 'webhook_url', problem: 'is missing, though webhook_events names events' });
  }
  if (issues.length > 0) throw new InvalidInputError('webhook settings', issues);
  return {
    ...(typeof webhook_url === 'string' ? { webhook_url } : {}),
    webhook_events:
      typeof webhook_url === 'string' ? ((webhook_events as EventName[] | null) ?? DEFAULT_EVENTS[level]) : [],
    ...(typeof secret_ref === 'string' && secret_ref !== '' ? { secret_ref } : {}),
    ...(metadata === undefined ? {} : { metadata }),
  };
}
