/**
 * The customers' servers of the bench, in a process of their own. They note when each call's first POST has arrived,
 * and verify every signature. A path that begins with `/hung` never answers.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook } from '../../receiver/index.ts';
import { SECRET } from '../../test/support/builders.ts';
import { answerParent } from './child.ts';

const arrived = new Map<string, number>();
let bad = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const at = Date.now();
    const callId = (JSON.parse(body.toString()) as { readonly call_id: string }).call_id;
    if (!arrived.has(callId)) arrived.set(callId, at);
    if (!verifyWebhook(body, request.headers, SECRET).ok) bad += 1;
    if (request.url?.startsWith('/hung') !== true) response.writeHead(200).end();
  });
});

server.listen(0, '127.0.0.1', () => {
  answerParent(
    {
      port: () => (server.address() as AddressInfo).port,
      count: ({ prefix }) => [...arrived.keys()].filter((id) => id.startsWith(String(prefix))).length,
      arrivals: ({ prefix }) => [...arrived].filter(([id]) => id.startsWith(String(prefix))),
      bad: () => bad,
    },
    () => process.exit(0),
  );
});
