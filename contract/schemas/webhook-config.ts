/** Webhook settings of a call, a campaign or an account. They are checked when one of these is created. */
import * as z from 'zod';
import { parseEgressOptions, type EgressOptions, type EgressPolicy } from '../egress/policy.ts';
import {
  CALL_EVENTS,
  CAMPAIGN_EVENTS,
  DEFAULT_EVENTS,
  isEventName,
  type ConfigLevel,
  type EventName,
} from '../event-types.ts';
import { judgeWebhookUrl } from '../egress/url-rules.ts';
import { given } from '../given.ts';
import { checkOptionNames } from '../known-options.ts';
import { metadataSchema, secretRefSchema } from './fields.ts';
import { shownEvent } from '../repairs/event-list.ts';
import { nearMisses } from '../repairs/near-misses.ts';
import { isList, isRecord, keysOf, readField } from '../repairs/read-fields.ts';
import { shownWord } from '../repairs/texts.ts';
import { checkInput, InvalidInputError, type InputProblem } from './invalid-input.ts';

/** `''` means no reference: forms and database columns send it. */
const optionalSecretRefSchema = z.union([z.literal(''), secretRefSchema]).nullish();

/** Settings of one endpoint, as `callEnded` takes them. contract/repairs/endpoint-settings.ts reads them, whatever they
 *  are. */
export type EndpointSettings = {
  /** URL of the receiver: https, at most 2,048 characters. Missing or null: no endpoint. */
  readonly webhook_url?: string | null | undefined;
  /** Events that it gets. `[]`: none. Missing: on a call `call.completed` and `call.failed`; on a campaign or account
   *  also `campaign.started` and `campaign.completed`. */
  readonly webhook_events?: readonly EventName[] | null | undefined;
  /** Reference to the signing secret, never the secret itself. At most 1,024 characters. Missing: `account_id`. */
  readonly secret_ref?: string | null | undefined;
};

/** The settings of a call, of its campaign and of its account. If two name the same URL, the earlier one wins. */
export type CallSettings = EndpointSettings & {
  /** Settings of the call's campaign. */
  readonly campaign?: EndpointSettings | null | undefined;
  /** The account's endpoints. With all others they are at most 10, after equal URLs have become one. */
  readonly endpoints?: readonly EndpointSettings[] | null | undefined;
};

/** Checked settings. `webhook_events` lists the events, also when the input left them out. */
export type WebhookConfig = {
  readonly webhook_url?: string;
  readonly webhook_events: readonly EventName[];
  readonly secret_ref?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** Events that each level may subscribe to. `webhook.test` is sent on request, so no level subscribes to it. */
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

const FIELDS = Object.keys(rawConfigSchema.shape);

/** Checks webhook settings. Call it when a call or campaign is created, because mistakes can still be fixed then.
 *
 *  `webhook_events`: if omitted, the level's defaults apply; `[]` means no events. The URL must pass the URL rules of
 *  the egress guard. `egress`: pass the options of your worker; default: https to public hosts only. Throws
 *  `InvalidInputError`, which names everything that is wrong: field, what was received, what is allowed. Not
 *  retryable. Throws `EgressConfigError` for wrong `egress` options, and TypeError for an option that does not
 *  exist. */
export function parseWebhookConfig(
  config: unknown,
  level: ConfigLevel,
  options: { readonly egress?: EgressOptions } = {},
): WebhookConfig {
  checkOptionNames('parseWebhookConfig', options, ['egress']);
  if (!Object.hasOwn(KNOWN_EVENTS, level)) {
    const problem = `${shownWord(level)}: must be one of ${Object.keys(KNOWN_EVENTS).join(', ')}`;
    throw new InvalidInputError('webhook settings', [{ field: 'level', problem }]);
  }
  const { data, problems } = checkInput(rawConfigSchema, config);
  const policy = parseEgressOptions(options.egress);
  const all = [...problems, ...nearMissProblems(config), ...problemsOf(config, level, policy)];
  if (data === undefined || all.length > 0) throw new InvalidInputError('webhook settings', all);
  const { webhook_url, webhook_events, secret_ref, metadata } = data;
  const hasUrl = typeof webhook_url === 'string';
  return {
    ...given({ webhook_url: webhook_url ?? undefined }),
    webhook_events: hasUrl ? ((webhook_events as EventName[] | null) ?? DEFAULT_EVENTS[level]) : [],
    ...given({ secret_ref: secret_ref || undefined, metadata }),
  };
}

/** Problems of events and URL that have the right type. The schema tells of the others. */
function problemsOf(config: unknown, level: ConfigLevel, policy: EgressPolicy): InputProblem[] {
  if (!isRecord(config)) return [];
  const [url, events] = [readField(config, 'webhook_url'), readField(config, 'webhook_events')];
  const names: readonly unknown[] = isList(events) ? events : [];
  const known = KNOWN_EVENTS[level];
  const problems = names.flatMap((name, index) =>
    typeof name !== 'string' || (isEventName(name) && known.includes(name))
      ? []
      : [{ field: `webhook_events[${index}]`, problem: notAnEvent(name, level, known) }],
  );
  if (typeof url === 'string') {
    const verdict = judgeWebhookUrl(url, policy);
    if (!verdict.ok) problems.push({ field: 'webhook_url', problem: `${verdict.code}: ${verdict.rule}` });
  } else if ((url === undefined || url === null) && names.length > 0) {
    problems.push({ field: 'webhook_url', problem: 'is missing, though webhook_events names events' });
  }
  return problems;
}

/** A mistyped field would be ignored, and the creator would not notice. */
function nearMissProblems(config: unknown): InputProblem[] {
  if (!isRecord(config)) return [];
  const missing = FIELDS.filter((name) => readField(config, name) === undefined);
  return nearMisses(keysOf(config), FIELDS, missing).map(({ key, meant }) => ({
    field: key,
    problem: `is no field, ${meant} is`,
  }));
}

function notAnEvent(name: string, level: ConfigLevel, known: readonly EventName[]): string {
  return `${shownEvent(name)} is not an event of a ${level}; known are ${known.join(', ')}`;
}
