/** Runs `send-test`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWebhookSender, type PostResult } from '../activities/http/post.ts';
import { verdictOf } from '../activities/http/verdict.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../contract/egress-policy.ts';
import { VERSION } from '../contract/version.ts';
import { signTestRequest } from '../receiver/sign-test-request.ts';
import { CliError, EXIT } from './exit.ts';
import type { ExitCode } from './exit.ts';
import type { SendTestOptions } from './send-test.ts';
import type { Terminal } from './terminal.ts';

/** Sends and judges. Rejects with CliError for a missing secret or body. */
export async function runSendTest(url: string, options: SendTestOptions, terminal: Terminal): Promise<ExitCode> {
  const secret = terminal.env['WEBHOOK_SECRET'] ?? '';
  if (secret === '') {
    throw new CliError('no_secret', EXIT.usage, 'no secret: set WEBHOOK_SECRET to the one your receiver verifies with');
  }
  const signed = signTestRequest(bodyOf(options), secret, options.id === undefined ? {} : { id: options.id });
  const body = options.tamper ? tampered(signed.body) : signed.body;
  const headers: Record<string, string> = { ...signed.headers, 'user-agent': `TopCalls-Webhooks/${VERSION}` };
  const sender = createWebhookSender({ policy: parseEgressOptions(LOOPBACK_EGRESS) });
  const answers: PostResult[] = [];
  for (let turn = 1; turn <= options.repeat; turn += 1) {
    const answer = await sender.post({ url, headers, body });
    answers.push(answer);
    terminal.say(
      `${options.tamper ? 'tampered ' : ''}${options.event} ${headers['webhook-id'] ?? ''}: ${inWords(answer)}`,
    );
  }
  await sender.close();
  if (options.json) terminal.data(JSON.stringify({ url, headers, body, answers }, undefined, 2));
  return answers.every((answer) => isRight(answer, options.tamper)) ? EXIT.ok : EXIT.failed;
}

function isRight({ outcome, status = 0 }: PostResult, tamper: boolean): boolean {
  return tamper ? status >= 400 && status < 500 : outcome === 'delivered';
}

function inWords(answer: PostResult): string {
  const what = answer.status === undefined ? answer.code : `HTTP ${answer.status}`;
  const verdict = verdictOf(answer);
  const next = {
    delivered: 'delivered',
    gone: 'gone: the endpoint would get nothing of this event any more',
    refused: `refused by the sender's own rules (${answer.code}), nothing was sent`,
    retry: 'not delivered: it would be tried again after 1 min, 5 min, 15 min, 1 h',
  }[verdict];
  return `${what} in ${answer.durationMs} ms → ${next}`;
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

/** The published documents lie beside the sources, and beside dist/ in the package. */
function samplePath(event: string): string {
  const name = join('contract', 'published', 'samples', `${event}.json`);
  const roots = [join(__dirname, '..'), join(__dirname, '..', '..')];
  return join(roots.find((root) => existsSync(join(root, name))) ?? '', name);
}

/** One digit or letter changed in a value: still JSON, no longer what was signed. */
function tampered(body: string): string {
  return body.replace(/"(call_id|campaign_id)":"/, '"$1":"x');
}
