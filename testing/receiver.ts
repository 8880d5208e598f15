/** A receiver for a host's tests: an HTTP server on loopback. It verifies, records, and answers as the test says. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { given } from '../contract/given.ts';
import { HEADERS } from '../contract/headers.ts';
import { inTime } from '../contract/in-time.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import { verifyWebhook, type VerifyResult, type WebhookPayload } from '../receiver/index.ts';

/** How a request is answered: with a status, with more than that, not at all (`silence`), or by closing the connection
 *  (`reset`). */
export type TestAnswer =
  | number
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** How long the answer takes, ms. Default 0. */
      readonly delayMs?: number;
    }
  | 'silence'
  | 'reset';

/** One request, as it came. */
export type RecordedWebhook = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, byte for byte. */
  readonly text: string;
  /** The body, parsed. Undefined if it is not an object in JSON. */
  readonly body: WebhookPayload | undefined;
  /** `webhook-id`: the same in every attempt of one delivery. */
  readonly id: string | undefined;
  /** `X-TopCalls-Attempt`, from 1 up. */
  readonly attempt: number;
  /** Whether the signature holds, however old the request is. Undefined if the receiver has no secret. */
  readonly verified: VerifyResult | undefined;
};

/** - `secret`: the secret, or several, that signatures must hold for. A request with a wrong one is answered 401.
 *    Default: signatures are not looked at
 *  - `answers`: see `answer`. Default 200
 *  - `allowBodyOnlySignature`: as for `verifyWebhook` */
export type TestReceiverOptions = {
  readonly secret?: string | readonly string[];
  readonly answers?: readonly TestAnswer[];
  readonly allowBodyOnlySignature?: boolean;
};

/** A running receiver. */
export type TestReceiver = {
  readonly url: string;
  /** What came, in order, with wrong signatures too. */
  readonly webhooks: readonly RecordedWebhook[];
  /** Answers so from the next request on; the last answer repeats. */
  answer(...answers: readonly TestAnswer[]): void;
  /** Resolves with all requests once `count` have come. Rejects after `timeoutMs`, default 10000. */
  received(count: number, options?: { readonly timeoutMs?: number }): Promise<readonly RecordedWebhook[]>;
  close(): Promise<void>;
};

/** Starts a receiver on a free port of 127.0.0.1. A worker reaches it with `egress: LOOPBACK_EGRESS`. Rejects with
 *  TypeError for an option that does not exist: with a misspelt `secret` it would verify nothing. */
export async function openReceiver(options: TestReceiverOptions = {}): Promise<TestReceiver> {
  checkOptionNames('openReceiver', options, ['secret', 'answers', 'allowBodyOnlySignature']);
  options.answers?.forEach(checkAnswer);
  const webhooks: RecordedWebhook[] = [];
  const waiting = new Set<() => void>();
  let script = [...(options.answers ?? [])];
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const webhook = await recorded(request, options);
      webhooks.push(webhook);
      send(response, webhook.verified?.ok === false ? refusal(webhook.verified) : nextOf(script));
      for (const look of waiting) look();
    };
    // The sender went away before its body was whole.
    take().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before close() must not keep its process alive.
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    webhooks,
    answer: (...answers) => {
      answers.forEach(checkAnswer);
      script = [...answers];
    },
    received: async (count, options = {}) => {
      checkOptionNames('received', options, ['timeoutMs']);
      const { timeoutMs = 10_000 } = options;
      const arrived = new Promise<readonly RecordedWebhook[]>((resolve) => {
        const look = (): void => {
          if (webhooks.length < count) return;
          waiting.delete(look);
          resolve(webhooks);
        };
        waiting.add(look);
        look();
      });
      return inTime(arrived, timeoutMs, () => {
        throw new Error(`${webhooks.length} of ${count} webhooks came within ${timeoutMs} ms`);
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function recorded(
  request: IncomingMessage,
  { secret, allowBodyOnlySignature }: TestReceiverOptions,
): Promise<RecordedWebhook> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { headers } = request;
  const options = { now: () => sentAtMs(headers), ...given({ allowBodyOnlySignature }) };
  const verified = secret === undefined ? undefined : verifyWebhook(bytes, headers, secret, options);
  return {
    path: request.url ?? '',
    headers,
    text: bytes.toString(),
    body: parsed(bytes),
    id: headers[HEADERS.id]?.toString(),
    attempt: Number(headers[HEADERS.attempt] ?? 0),
    verified,
  };
}

/** Nobody judges the age of a request here: a worker in virtual time signs hours ahead of this machine's clock. */
function sentAtMs(headers: IncomingHttpHeaders): number {
  const seconds = Number(headers[HEADERS.timestamp]);
  return Number.isNaN(seconds) ? Date.now() : seconds * 1_000;
}

function parsed(bytes: Buffer): WebhookPayload | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? (value as WebhookPayload) : undefined;
  } catch {
    return undefined;
  }
}

function refusal({ code, fix }: Extract<VerifyResult, { ok: false }>): TestAnswer {
  return { status: 401, body: JSON.stringify({ code, fix }) };
}

/** Throws TypeError for what is no answer: the sender would see a connection that breaks. Below 200 no status ends an
 *  answer. */
function checkAnswer(answer: TestAnswer): void {
  if (answer === 'silence' || answer === 'reset') return;
  const status: unknown = typeof answer === 'number' ? answer : Object(answer).status;
  if (Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 999) {
    if (typeof answer === 'object') checkOptionNames('answer', answer, ['status', 'headers', 'body', 'delayMs']);
    return;
  }
  throw new TypeError("answer: pass a status from 200 up, { status, headers, body, delayMs }, 'silence' or 'reset'");
}

/** The last answer stays, so that it repeats. */
function nextOf(script: TestAnswer[]): TestAnswer {
  return (script.length > 1 ? script.shift() : script[0]) ?? 200;
}

function send(response: ServerResponse, answer: TestAnswer): void {
  if (answer === 'silence') return;
  if (answer === 'reset') {
    response.destroy();
    return;
  }
  const { status, headers = {}, body = '', delayMs = 0 } = typeof answer === 'number' ? { status: answer } : answer;
  const end = (): void => void response.writeHead(status, headers).end(body);
  if (delayMs === 0) end();
  else setTimeout(end, delayMs);
}
