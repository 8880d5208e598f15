/** Door ./testing, for the tests of a host. The fake needs no server; nothing here belongs into production. */
export { FakeWebhookClient } from './fake-webhook-client.ts';
export type { FakeReport } from './fake-webhook-client.ts';
export type { FakeAnswer } from './fake-answer.ts';
export type { FakeArtifacts } from './fake-artifacts.ts';
export type { FakeRun } from './fake-run.ts';
export type { FakeControl, FakeOutage } from './memory-runs.ts';
export { openReceiver } from './receiver.ts';
export type { RecordedWebhook, TestAnswer, TestReceiver, TestReceiverOptions } from './receiver.ts';
export { openVirtualTime } from './virtual-time.ts';
export type { VirtualTime, VirtualTimeOptions, WhereToPoll } from './virtual-time.ts';
