/**
 * Tells a URL of the host's own: each event is one signed POST, made by the means that webhooks go by. The retries of
 * the activity are its ladder. The operator names the URL, so private networks are open to it.
 */
import { Context } from '@temporalio/activity';
import type { DeliveryEvent } from '../contract/delivery-event.ts';
import { answerInWords } from '../contract/delivery-state.ts';
import { parseRange } from '../contract/egress/ip-address.ts';
import { DEFAULT_EGRESS_POLICY, type EgressPolicy } from '../contract/egress/policy.ts';
import { judgeWebhookUrl } from '../contract/egress/url-rules.ts';
import { SENT_HEADERS } from '../contract/headers.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import { parseUrl } from '../contract/parse-url.ts';
import { VERSION } from '../contract/version.ts';
import { signatureHeaders } from '../signature/sign.ts';
import { createWebhookSender } from './http/webhook-sender.ts';
import { lookUpSecrets } from './look-up-secrets.ts';
import type { DeliveryEvents, NotifyEndpoint } from './ports/delivery-events.ts';
import type { SigningSecrets } from './ports/signing-secrets.ts';

/** An event was not taken. The message names host and answer, and may be logged. */
export class NotifyEndpointError extends Error {
  readonly safeToLog = true;
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'NotifyEndpointError';
    this.code = code;
  }
}

/** The port for one URL. Throws TypeError for a URL that no POST can go to, and for an option that does not exist: with
 *  a misspelt `secretRef` nothing would be signed. */
export function eventsToEndpoint(endpoint: NotifyEndpoint, secrets: SigningSecrets): DeliveryEvents {
  checkOptionNames('webhook worker: option deliveryEvents', endpoint, ['url', 'secretRef']);
  const { url, secretRef } = endpoint;
  const problem = notifyUrlProblem(url);
  if (problem !== undefined) {
    const fix = 'give an http(s) URL of yours without credentials, see docs/embed.md';
    throw new TypeError(`webhook worker: option deliveryEvents.url is refused (${problem}); ${fix}`);
  }
  const host = hostOf(url);
  const policy = operatorsPolicy(host);
  const sender = createWebhookSender({ policy });
  return {
    notify: async (event) => {
      const body = notificationBody(event);
      const result = await sender.post({ url, headers: await headersOf(event, body, secretRef, secrets), body });
      if (result.outcome === 'delivered') return;
      throw new NotifyEndpointError(result.code, `${answerInWords(result)} from ${host}`);
    },
  };
}

/** Why no POST can go to this URL: a reason code. Undefined where it can. */
export function notifyUrlProblem(url: string): string | undefined {
  const judged = judgeWebhookUrl(url, operatorsPolicy(hostOf(url)));
  return judged.ok ? undefined : judged.code;
}

/** The body of the POST. Names are those of webhook bodies; `event` is what happened to the delivery. */
export function notificationBody(event: DeliveryEvent): string {
  const { kind, event: webhookEvent, ...rest } = event;
  const named = Object.entries(rest).map(([name, value]) => [snakeCase(name), value] as const);
  return JSON.stringify({ ...Object.fromEntries(named), webhook_event: webhookEvent, event: kind });
}

async function headersOf(
  { id, kind }: DeliveryEvent,
  body: string,
  secretRef: string | undefined,
  secrets: SigningSecrets,
): Promise<Readonly<Record<string, string>>> {
  const timestampSeconds = Math.floor(Date.now() / 1_000);
  const plain = {
    'Content-Type': 'application/json',
    Accept: '*/*',
    'User-Agent': `TopCalls-Webhooks/${VERSION}`,
    [SENT_HEADERS.id]: id,
    [SENT_HEADERS.timestamp]: String(timestampSeconds),
    [SENT_HEADERS.event]: kind,
    [SENT_HEADERS.attempt]: String(Context.current().info.attempt),
  };
  if (secretRef === undefined) return plain;
  const found = await lookUpSecrets(secrets, secretRef);
  if (found.is !== 'found') throw new NotifyEndpointError(found.code, `the secret of deliveryEvents: ${found.code}`);
  const signed = signatureHeaders({ webhookId: id, timestampSeconds, body, secrets: found.secrets });
  return { ...plain, ...signed.headers };
}

function hostOf(url: string): string {
  return parseUrl(url)?.hostname.toLowerCase() ?? '';
}

/** Metadata services stay closed, as under every allowance. */
function operatorsPolicy(host: string): EgressPolicy {
  const allowCidrs = PRIVATE_RANGES.map(parseRange).filter((range) => range !== undefined);
  return { ...DEFAULT_EGRESS_POLICY, allowHttp: true, allowHosts: [host], allowCidrs };
}

const PRIVATE_RANGES = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
];

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
