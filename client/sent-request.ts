/**
 * What a run sent, or will send: host, headers, body, and a command that sends the same. Made from its history, so it
 * needs no store and no worker. Never a signature and never a secret: they are kept nowhere. Pure.
 */
import { createHash } from 'node:crypto';
import type { Attempt, AttemptTrigger, LiveState, WebhookStatus } from '../contract/delivery-state.ts';
import { canonicalUrl, type Endpoint } from '../contract/endpoints.ts';
import type { EventName } from '../contract/event-types.ts';
import { given } from '../contract/given.ts';
import { SENT_HEADERS } from '../contract/headers.ts';
import { parseUrl } from '../contract/parse-url.ts';
import { unsignedHeaders } from '../contract/request-headers.ts';
import type { AnyRunInput, AttemptReport } from '../contract/run-messages.ts';
import { frozenBody } from './fold-run.ts';
import { curlCommand } from './curl-command.ts';
import type { RunFacts } from './run-facts.ts';

/** What a run sent to its endpoints, or will send. */
export type WebhookRequest = {
  readonly workflowId: string;
  readonly runId: string;
  readonly event: EventName;
  /** 1 for the first run; each redelivery adds 1. */
  readonly cycle: number;
  /** The body, the same in every attempt to every endpoint. It holds personal data. Absent if none is frozen. */
  readonly body?: SentBody;
  /** Why there is no body, in words; absent if there is one. */
  readonly noBody?: string;
  /** One for each endpoint that this run sends to. */
  readonly requests: readonly SentRequest[];
  /** Ids of endpoints that an earlier run sent to, and this one does not. */
  readonly notInThisRun: readonly string[];
};

/** A body: the bytes sent are `text` in UTF-8. `bytes` is their number, and `sha256` their hash in hexadecimal. */
export type SentBody = { readonly text: string; readonly bytes: number; readonly sha256: string };

/** The request to one endpoint. */
export type SentRequest = {
  readonly endpointId: string;
  readonly webhookId: string;
  readonly state: LiveState;
  readonly host: string;
  /** The whole URL; only with `showUrl`. Paths and queries often hold a token. */
  readonly url?: string;
  /** Headers that every attempt has. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers whose values are not known, and why. */
  readonly unknownHeaders: readonly { readonly name: string; readonly why: string }[];
  /** The reference whose secret is unknown or empty, if that is why nothing was sent. */
  readonly secretRef?: string;
  readonly attempts: readonly SentAttempt[];
  /** A command of a shell that sends the body of stdin, with `$SIGNATURE` in place of the signature, and without
   *  `showUrl` with `$WEBHOOK_URL`. Absent if nothing can be sent to this endpoint. */
  readonly curl?: string;
};

/** One attempt, and the headers that only it has. */
export type SentAttempt = {
  readonly number: number;
  readonly trigger: AttemptTrigger;
  readonly startedAt: string;
  /** `yes`: the receiver answered. `no`: nothing left this side. `unknown`: no answer came. */
  readonly sent: 'yes' | 'no' | 'unknown';
  /** Size and hash of the body that its worker reported; absent if it reported none. */
  readonly bodyBytes?: number;
  readonly bodySha256?: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** The requests of a run. `status` is that of the same run. */
export function requestOf(
  run: RunFacts,
  input: AnyRunInput,
  status: WebhookStatus,
  { showUrl = false }: { readonly showUrl?: boolean } = {},
): WebhookRequest {
  const text = frozenBody(run) ?? input.redelivery?.body;
  const body = text === undefined ? undefined : bodyOf(text);
  return {
    workflowId: run.workflowId,
    runId: run.runId,
    event: input.event,
    cycle: input.redelivery?.cycle ?? 1,
    ...given({ body, noBody: body === undefined ? whyNoBody(status.state, run.status) : undefined }),
    requests: input.endpoints.map((endpoint) => sentRequest(run, input, status, endpoint, body, showUrl)),
    notInThisRun: (input.redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint.endpointId),
  };
}

function bodyOf(text: string): SentBody {
  const bytes = Buffer.from(text);
  return { text, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function whyNoBody(state: LiveState, runStatus: string): string {
  return runStatus === 'RUNNING'
    ? `the body is not frozen yet: the run is ${state}`
    : `no body was made: the run ended before that (${state})`;
}

function sentRequest(
  run: RunFacts,
  input: AnyRunInput,
  status: WebhookStatus,
  endpoint: Endpoint,
  body: SentBody | undefined,
  showUrl: boolean,
): SentRequest {
  const { endpointId, webhookId, host, url, secretRef, refusal } = endpoint;
  const delivery = status.deliveries.find((each) => each.endpointId === endpointId);
  const reports = reportsOf(run, endpointId);
  const attempts = (delivery?.attempts ?? []).map((attempt) =>
    sentAttempt(attempt, reports.get(attempt.number), { webhookId, event: input.event }),
  );
  const isSigned = secretRef !== undefined;
  const href = parseUrl(canonicalUrl(url));
  // What our own rules forbid must not be sent by hand either.
  const canBeSent = delivery?.state !== 'refused' && refusal === undefined && href !== undefined && body !== undefined;
  const isTimeKnown = attempts.every(({ sent, headers }) => sent === 'no' || SENT_HEADERS.timestamp in headers);
  return {
    endpointId,
    webhookId,
    state: delivery?.state ?? status.state,
    host,
    ...given({ secretRef: delivery?.secretRef }),
    ...(showUrl ? { url: canonicalUrl(url) } : {}),
    headers: {
      ...(href === undefined ? {} : { Host: href.host }),
      Connection: 'close',
      ...commonHeaders(webhookId, input.event),
      ...(body === undefined ? {} : { 'Content-Length': String(body.bytes) }),
    },
    unknownHeaders: [
      { name: 'User-Agent', why: 'TopCalls-Webhooks/ and the version of the worker, which history does not keep' },
      ...(isTimeKnown ? [] : [{ name: SENT_HEADERS.timestamp, why: 'an attempt whose worker was lost told no time' }]),
      ...(isSigned ? SIGNATURES : []),
    ],
    attempts,
    ...(canBeSent
      ? {
          curl: curlCommand({
            url: showUrl ? href.href : undefined,
            isSigned,
            webhookId,
            event: input.event,
            number: attempts.at(-1)?.number ?? 1,
          }),
        }
      : {}),
  };
}

const SIGNATURES = [
  {
    name: SENT_HEADERS.legacySignature,
    why: 'each attempt makes it with the secret of that moment; it is kept nowhere',
  },
  { name: SENT_HEADERS.signature, why: 'likewise; only secrets of the form whsec_… make one' },
];

/** Headers that are the same in every attempt, and known. */
function commonHeaders(webhookId: string, event: EventName): Readonly<Record<string, string>> {
  const all = unsignedHeaders({ webhookId, event, number: 1, timestampSeconds: 0 });
  const { 'User-Agent': _agent, [SENT_HEADERS.timestamp]: _time, [SENT_HEADERS.attempt]: _number, ...common } = all;
  return common;
}

/** The reports of an endpoint's attempts, by number, as the workers made them. Status may have corrected their times:
 *  the header has the time of the report. */
function reportsOf({ facts }: RunFacts, endpointId: string): ReadonlyMap<number, AttemptReport> {
  const reports = facts.flatMap((fact): AttemptReport[] => {
    if (fact.kind === 'attempt_failed') return [fact.report];
    if (fact.kind === 'delivered') return [fact.delivered];
    return fact.kind === 'stopped' && fact.stop.how === 'failed' && fact.stop.report ? [fact.stop.report] : [];
  });
  const own = reports.filter((report) => report.endpointId === endpointId);
  return new Map(own.map((report) => [report.attempt.number, report]));
}

function sentAttempt(
  { number, trigger, startedAt, outcome }: Attempt,
  report: AttemptReport | undefined,
  ids: { readonly webhookId: string; readonly event: EventName },
): SentAttempt {
  const startedMs = Date.parse(report?.attempt.startedAt ?? '');
  const all = unsignedHeaders({ ...ids, number, timestampSeconds: Math.floor(startedMs / 1_000) });
  const { [SENT_HEADERS.timestamp]: time, [SENT_HEADERS.attempt]: attempt } = all;
  const isUnsent = NEVER_SENT.has(outcome);
  return {
    number,
    trigger,
    startedAt,
    sent: outcome === 'delivered' || outcome === 'http' ? 'yes' : isUnsent ? 'no' : 'unknown',
    ...given({ bodyBytes: report?.bodyBytes, bodySha256: report?.bodySha256 }),
    headers: {
      [SENT_HEADERS.attempt]: attempt,
      ...(Number.isNaN(startedMs) || isUnsent ? {} : { [SENT_HEADERS.timestamp]: time }),
    },
  };
}

const NEVER_SENT: ReadonlySet<string> = new Set(['refused', 'not_sent']);
