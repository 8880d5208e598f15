/** examples/fold-into-own-worker as a stranger runs it: the packed package, its own processes, a real server. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import callEnginePackage from '../../examples/embed-in-call-engine/package.json';
import ownWorkerPackage from '../../examples/fold-into-own-worker/package.json';
import packageJson from '../../package.json';
import { verifyWebhook } from '../../receiver/index.ts';
import { SECRET } from '../support/builders.ts';
import { openExample, type ExampleProject } from '../support/example-project.ts';
import { startScript, type LiveCli } from '../support/live-cli.ts';
import { packPackage, run } from '../support/packed-package.ts';
import { startReceiver } from '../support/receiver.ts';
import { devServer } from '../support/temporal-server.ts';

let project: ExampleProject;
let worker: LiveCli | undefined;
beforeAll(async () => {
  project = await openExample('fold-into-own-worker', await packPackage());
});
afterAll(async () => {
  await worker?.kill('SIGKILL');
  project?.remove();
});

test.each([callEnginePackage, ownWorkerPackage])('$name asks for the versions that are tested here', (example) => {
  const ours = {
    ...packageJson.devDependencies,
    ...packageJson.dependencies,
    [packageJson.name]: `^${packageJson.version}`,
  };
  expect(ours).toMatchObject(example.dependencies);
});

test("the host's own workflow and the webhook complete on one worker and one task queue", async () => {
  const receiver = await startReceiver();
  const env = {
    TEMPORAL_ADDRESS: devServer().address,
    TASK_QUEUE: `own-worker-${randomUUID()}`,
    WEBHOOK_SECRET: SECRET,
    WEBHOOK_URL: receiver.url,
    SETTLE_DELAY_MS: '500',
  };
  await project.command(['setup'], env);
  worker = startScript(['worker.js'], env, project.folder);
  await worker.says(/worker: polling/);
  const said = await run(project.folder, process.execPath, ['start-call.js'], env);
  const [, callId] = /^call\/(\S+) completed; its webhook is call-webhook\/\1$/m.exec(said) ?? [];
  expect(said).toContain(
    `call-webhook/${callId} ended as delivered {"recording":"ready","transcript":"unavailable","summary":"ready"}`,
  );
  expect(receiver.requests).toHaveLength(1);
  const [request] = receiver.requests;
  expect(verifyWebhook(request?.body ?? '', request?.headers ?? {}, SECRET)).toMatchObject({
    ok: true,
    payload: { event: 'call.completed', call_id: callId },
  });
  expect(await worker.kill('SIGTERM')).toBe(0);
  await receiver.close();
});
