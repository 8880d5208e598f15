/**
 * A process that only sends webhooks, for what can be seen only from outside: its environment, its memory, and
 * whether it ends by itself. own-process.test.ts runs it with `--expose-gc`. It takes a job as JSON and answers in
 * JSON. It never exits on purpose, so only what an attempt left behind keeps it alive.
 */
'use strict';
const path = require('node:path');

/** @type {{ root: string, urls: string[], warmUp: string[], ca?: string, deadlineMs?: number, phases?: object }} */
const job = JSON.parse(process.argv[2] ?? '');
const { createWebhookSender } = require(path.join(job.root, 'activities/http/webhook-sender.js'));
const { LOOPBACK_EGRESS, parseEgressOptions } = require(path.join(job.root, 'contract/egress/policy.js'));

const { ca, deadlineMs, phases } = job;
const policy = parseEgressOptions(LOOPBACK_EGRESS);
const sender = createWebhookSender({ policy, resolve: async () => ['127.0.0.1'], ca, deadlineMs, phases });
const postAll = (urls) => Promise.all(urls.map((url) => sender.post({ url, headers: {}, body: '{"a":1}' })));

/** Results and the processor time that they cost. Other processes of the machine do not count. */
async function measured(urls) {
  const before = process.cpuUsage();
  const results = await postAll(urls);
  const { user, system } = process.cpuUsage(before);
  return [results, user + system];
}

async function main() {
  // Code, parser and buffers that any traffic needs do not count as growth.
  await postAll(job.warmUp);
  const [, referenceCpuMicros] = await measured(job.warmUp);
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const [results, cpuMicros] = await measured(job.urls);
  clearInterval(sampling);
  // One more that succeeds early: its deadline of seconds must not be waited for.
  await postAll(job.warmUp.slice(0, 1));
  // Closed sockets leave the list of handles one turn later.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const standing = new Set(['PipeWrap', 'TTYWrap']);
  const handles = process.getActiveResourcesInfo().filter((kind) => !standing.has(kind));
  process.stdout.write(
    JSON.stringify({ results, growthBytes: peak - before, costRatio: cpuMicros / referenceCpuMicros, handles }),
  );
}
void main();
