/** Redirects of every kind, to a canary. An answer that points elsewhere is an answer, and nothing is sent there. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWebhookSender } from '../../../activities/http/webhook-sender.ts';
import { verdictOf } from '../../../activities/http/verdict.ts';
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { answering, httpAnswer, startReceiver } from '../../support/hostile-receiver.ts';
import type { HostileReceiver } from '../../support/hostile-receiver.ts';
import { requestsAt } from '../../support/hostile-row.ts';

// The policy allows the canary. It gets nothing because no redirect is followed.
const sender = createWebhookSender({ policy: parseEgressOptions(LOOPBACK_EGRESS) });
let canary: HostileReceiver;
beforeAll(async () => {
  canary = await startReceiver(answering([httpAnswer('200 OK')]));
});
afterAll(() => canary.stop());

const STATUSES = [300, 301, 302, 303, 305, 307, 308];
const LOCATIONS = {
  'an absolute Location': 'Location: http://CANARY/hook\r\n',
  'a protocol-relative Location': 'Location: //CANARY/hook\r\n',
  'a relative Location': 'Location: /hook/again\r\n',
  'an empty Location': 'Location: \r\n',
  'two Locations': 'Location: http://CANARY/hook\r\nLocation: /hook/again\r\n',
  'a Location and a Refresh': 'Location: http://CANARY/hook\r\nRefresh: 0; url=http://CANARY/hook\r\n',
  'a Content-Location and a Link':
    'Content-Location: http://CANARY/hook\r\nLink: <http://CANARY/hook>; rel=canonical\r\n',
};

test.each(STATUSES.flatMap((status) => Object.entries(LOCATIONS).map(([title, headers]) => [status, title, headers])))(
  '%i with %s is retried by the ladder, and nobody follows it',
  async (status, _title, headers) => {
    await neverFollowed(httpAnswer(`${status} Elsewhere`, { headers: String(headers) }), {
      outcome: 'http',
      code: `http_${status}`,
      verdict: 'retry',
    });
  },
);

test.each([
  ['a Refresh header', httpAnswer('200 OK', { headers: 'Refresh: 0; url=http://CANARY/hook\r\n' })],
  ['a Location', httpAnswer('201 Created', { headers: 'Location: http://CANARY/hook\r\n' })],
  [
    'a meta refresh',
    'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<meta http-equiv="refresh" content="0; url=http://CANARY/hook">',
  ],
  ['an Alt-Svc', httpAnswer('200 OK', { headers: 'Alt-Svc: http/1.1="CANARY"; ma=86400\r\n' })],
])('a 2xx with %s is delivered, and nobody follows it', async (_title, answer) => {
  await neverFollowed(answer, { outcome: 'delivered', verdict: 'delivered' });
});

/** The texts are written before the canary has its port. */
function toCanary(text: string): string {
  return text.replaceAll('CANARY', `127.0.0.1:${canary.port}`);
}

async function neverFollowed(answer: string, expected: object): Promise<void> {
  const receiver = await startReceiver(answering([toCanary(answer)], { thenEnd: true }));
  try {
    const url = `http://127.0.0.1:${receiver.port}/hook`;
    const result = await sender.post({ url, headers: {}, body: '{}' });
    expect({ ...result, verdict: verdictOf(result) }).toMatchObject(expected);
    await receiver.allClosed();
    expect(requestsAt(receiver)).toBe(1);
    expect(canary.connections()).toBe(0);
  } finally {
    await receiver.stop();
  }
}
