/** Runs `send-test`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWebhookSender, type PostResult } from '../../../activities/http/webhook-sender.ts';
import { verdictOf, waitMs } from '../../../activities/http/verdict.ts';
import { answerInWords } from '../../../contract/delivery-state.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { given } from '../../../contract/given.ts';
import { HEADERS } from '../../../contract/headers.ts';
import { VERSION } from '../../../contract/version.ts';
import { DEFAULT_RETRY_DELAYS_MS } from '../../../contract/retry-schedule.ts';
import { signTestRequest } from '../../../receiver/sign-test-request.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { spanInWords } from '../status/words.ts';
import type { EventName } from '../../../contract/event-types.ts';
import { parseUrl } from '../../../contract/parse-url.ts';

/** Options of `send-test`. */
export type SendTestOptions = {
  readonly event: EventName;
  readonly body?: string;
  readonly id?: string;
  readonly repeat: number;
  readonly tamper: boolean;
  readonly json: boolean;
};

/** Sends and judges. Rejects with CliError for a missing secret, URL or body. */
export async function runSendTest(url: string, options: SendTestOptions, terminal: Terminal): Promise<ExitCode> {
  const secret = terminal.env['WEBHOOK_SECRET'] ?? '';
  if (secret === '') {
    throw new CliError('no_secret', EXIT.usage, 'no secret: set WEBHOOK_SECRET to the one your receiver verifies with');
  }
  if (parseUrl(url) === undefined)
    throw new CliError('bad_url', EXIT.usage, 'the receiver must be a URL, with http:// or https://');
  const signed = signTestRequest(bodyOf(options), secret, given({ id: options.id }));
  const body = options.tamper ? tampered(signed.body) : signed.body;
  const headers: Record<string, string> = { ...signed.headers, 'user-agent': `TopCalls-Webhooks/${VERSION}` };
  if (!(HEADERS.signature in headers)) {
    const form = 'whsec_ and the base64 of 24 to 64 bytes';
    terminal.say(`WEBHOOK_SECRET is not ${form}: only X-TopCalls-Signature is sent`);
    terminal.say('verifyWebhook accepts that with allowBodyOnlySignature: true');
  }
  const answers: (PostResult & { readonly answer: string })[] = [];
  let chunks: Uint8Array[] = [];
  const sender = createWebhookSender({
    policy: parseEgressOptions(LOOPBACK_EGRESS),
    onAnswerBody: (chunk) => void chunks.push(chunk),
  });
  for (let turn = 1; turn <= options.repeat; turn += 1) {
    chunks = [];
    // post() never rejects: whatever happens is an answer.
    const answer = { ...(await sender.post({ url, headers, body })), answer: readable(Buffer.concat(chunks)) };
    answers.push(answer);
    const what = `${options.tamper ? 'tampered ' : ''}${options.event} ${headers['webhook-id'] ?? ''}`;
    terminal.say(`${what}: ${inWords(answer, options.event)}`);
  }
  if (options.json) terminal.data(JSON.stringify({ url, headers, body, answers }, undefined, 2));
  return answers.every((answer) => isRight(answer, options.tamper)) ? EXIT.ok : EXIT.failed;
}

/** What receivers answer to a wrong signature. */
const TAMPERED_ANSWERS: ReadonlySet<number> = new Set([400, 401, 403]);

function isRight({ outcome, status = 0 }: PostResult, tamper: boolean): boolean {
  // A 404 means a wrong path and says nothing about the signature.
  return tamper ? TAMPERED_ANSWERS.has(status) : outcome === 'delivered';
}

/** The answer as text, because it may say what is wrong (`code`, `fix`). Control characters must not reach a terminal.
 *  */
function readable(bytes: Buffer): string {
  return bytes
    .toString('utf8', 0, MAX_ANSWER)
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
}

const MAX_ANSWER = 600;

function inWords(answer: PostResult & { readonly answer: string }, event: EventName): string {
  const what = answerInWords(answer);
  const verdict = verdictOf(answer);
  const next = {
    delivered: 'delivered',
    gone: 'gone: this webhook would not be tried again',
    refused: `refused by the sender's own rules (${answer.code}); nothing was sent`,
    not_sent: `not sent for a reason of our own (${answer.code}): it would be sent later, and no attempt is spent`,
    retry: `not delivered: ${event === 'webhook.test' ? 'a webhook.test has one attempt' : againInWords(answer)}`,
  }[verdict];
  const says = answer.answer === '' ? '' : `\n  the receiver says: ${answer.answer}`;
  return `${what} in ${answer.durationMs} ms → ${next}${says}`;
}

/** By the default ladder, if the receiver has not asked to wait longer. */
function againInWords({ retryAfterMs }: PostResult): string {
  const [stepMs = 0] = DEFAULT_RETRY_DELAYS_MS;
  const askedMs = waitMs(stepMs, retryAfterMs);
  if (askedMs > stepMs)
    return `it would be tried again after ${spanInWords(askedMs)}, as the receiver asks (Retry-After)`;
  return 'it would be tried again after 1 min, 5 min, 15 min, 1 h';
}

function bodyOf({ event, body }: SendTestOptions): string {
  if (body === undefined) return JSON.stringify(JSON.parse(readFileSync(samplePath(event), 'utf8')));
  try {
    return readFileSync(body, 'utf8');
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'unknown';
    throw new CliError('bad_body', EXIT.usage, `--body ${body} cannot be read: ${reason}`, { cause: error });
  }
}

/** The published documents are beside the sources, and beside dist/ in the package. */
function samplePath(event: string): string {
  const name = join('contract', 'published', 'samples', `${event}.json`);
  const roots = ['../../..', '../../../..'].map((up) => join(__dirname, up));
  const root = roots.find((each) => existsSync(join(each, name)));
  if (root === undefined) {
    throw new CliError('no_sample', EXIT.failed, `this package lacks ${name}: give a --body`);
  }
  return join(root, name);
}

/** Other bytes and another value: a receiver that parses and prints the body again must notice, too. */
function tampered(body: string): string {
  try {
    const event = JSON.parse(body) as object;
    return JSON.stringify({ ...event, tampered: true });
  } catch {
    return `${body}x`;
  }
}
