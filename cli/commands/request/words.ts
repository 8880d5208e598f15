/** What was sent, in words, without the body. Pure. */
import type { SentAttempt, SentRequest, WebhookRequest } from '../../../client/sent-request.ts';
import { isFinal } from '../../../contract/delivery-state.ts';
import { SENT_HEADERS } from '../../../contract/headers.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { plainTable } from '../../process/plain-table.ts';
import { shellWord } from '../../../client/shell-word.ts';
import { inSeconds } from '../attempts-table.ts';
import { secretLine } from '../status/reason-words.ts';

/** The request in words. Texts that others wrote are on one line each and drive no terminal. */
export function requestInWords(request: WebhookRequest, { namespace }: { readonly namespace?: string } = {}): string {
  const { event, cycle, body, noBody = '', requests, notInThisRun } = request;
  const [workflowId, runId] = [oneLine(request.workflowId), oneLine(request.runId)];
  const where = namespace === undefined ? '' : ` -n ${shellWord(namespace)}`;
  const print = `topcalls-webhooks request ${shellWord(workflowId)} --run ${runId}${where} --body`;
  return [
    `${workflowId}  ${event}, cycle ${cycle}`,
    `run ${runId}`,
    body === undefined ? oneLine(noBody) : `body: ${body.bytes} bytes, SHA-256 ${body.sha256}`,
    ...(body === undefined ? [] : [`print it: ${print}`]),
    ...requests.flatMap((each) => ['', ...oneRequest(each, body?.sha256, print)]),
    ...(notInThisRun.length === 0
      ? []
      : ['', `an earlier cycle sent to ${notInThisRun.map(oneLine).join(', ')}: ${cyclesBefore(cycle)}`]),
  ].join('\n');
}

/** Which of them it was, the run does not know: an endpoint may have ended several cycles ago. */
function cyclesBefore(cycle: number): string {
  return cycle <= 2 ? '--cycle 1' : `one of --cycle 1 to --cycle ${cycle - 1}`;
}

function oneRequest(request: SentRequest, sha256: string | undefined, print: string): readonly string[] {
  const { host, endpointId, webhookId, state, url, headers, unknownHeaders, attempts, curl } = request;
  const wasSent = attempts.some(({ sent }) => sent !== 'no');
  return [
    `${oneLine(host)}  ${oneLine(endpointId)}  ${oneLine(webhookId)}: ${state}`,
    url === undefined ? `POST to ${oneLine(host)} (the whole URL: --show-url)` : `POST ${oneLine(url)}`,
    ...Object.entries(headers).map(([name, value]) => `  ${name}: ${oneLine(value)}`),
    ...unknownHeaders.map(({ name, why }) => (name === 'User-Agent' ? USER_AGENT : `  ${name}: not known; ${why}`)),
    ...secretLine(request),
    ...(attempts.length === 0
      ? [isFinal(state) ? 'no attempt is known' : 'no attempt has told of itself yet']
      : [attemptsTable(attempts, sha256)]),
    ...(curl === undefined ? [] : [`send it${wasSent ? ' once more' : ''} by hand:`, indented(`${print} |\n${curl}`)]),
  ];
}

const USER_AGENT = '  User-Agent: TopCalls-Webhooks/<version of the worker; not kept>';

function attemptsTable(attempts: readonly SentAttempt[], sha256: string | undefined): string {
  // Not the names of the headers, X-TopCalls-Attempt and webhook-timestamp: the table would be too wide.
  const head = ['attempt', 'started', 'sent', 'timestamp', 'body'];
  const rows = attempts.map(({ number, startedAt, sent, headers, bodySha256 }) => [
    number,
    inSeconds(startedAt),
    sent,
    sent === 'no' ? '' : (headers[SENT_HEADERS.timestamp] ?? 'not known'),
    sent === 'no' ? '' : bodySha256 === undefined ? 'not told' : bodySha256 === sha256 ? 'same hash' : 'ANOTHER HASH',
  ]);
  return plainTable(head, rows);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
