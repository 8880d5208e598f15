/** Checks the options of `createWebhookWorker` and `webhookWorkerParts` before anything polls. Each mistake gets one
 *  sentence with the fix. */
import { NativeConnection } from '@temporalio/worker';
import { PORTS } from '../activities/create-activities.ts';
import type { ActivityPorts } from '../activities/index.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import { OWN_OPTIONS, type WebhookWorkerOptions } from './worker-options.ts';

const OPTIONS: readonly (keyof WebhookWorkerOptions)[] = [...OWN_OPTIONS, 'temporal', ...PORTS, 'checkOpenRuns'];

/** Throws TypeError for an unknown option of `webhookWorkerParts`. Without it a misspelt `deliveryEvents` would tell
 *  nobody, and a misspelt `log` would store nothing. */
export function refuseUnknownPorts(ports: ActivityPorts): void {
  const isOfWorker = (name: string): boolean => !isIn(PORTS, name) && isIn(OPTIONS, name);
  const misplaced = Object.keys(ports).filter(isOfWorker);
  const made = 'webhookWorkerParts';
  if (misplaced.length > 0) throw wrong(`${misplaced.join(', ')} belongs into Worker.create, not here`, made);
  checkOptionNames(made, ports, PORTS);
}

/** Throws TypeError for an unknown or misplaced option. Without it a misspelt `taskQueue` would silently poll the
 *  default queue, where nothing comes. */
export function refuseUnknownOptions(options: WebhookWorkerOptions): void {
  const { temporal = {} } = options;
  const misplaced = OWN_OPTIONS.filter((name) => name in temporal);
  if (misplaced.length > 0) throw wrong(`${misplaced.join(', ')} belongs beside temporal, not in it`);
  const unknown = Object.keys(options).filter((name) => !isIn(OPTIONS, name));
  if (unknown.length === 0) return;
  const known = OPTIONS.join(', ');
  throw wrong(`unknown option ${unknown.join(', ')}; known are ${known} (the SDK's own go into temporal)`);
}

/** Throws TypeError if the host's own activities have a name of ours. Ours win, so the host's would never run, and
 *  nobody would be told. */
export function refuseNamesOfOurs(own: object | undefined, ours: object): void {
  const taken = Object.keys(own ?? {}).filter((name) => Object.hasOwn(ours, name));
  if (taken.length > 0) throw wrong(`temporal.activities has ${taken.join(', ')}, a name of ours; rename yours`);
}

/** Throws TypeError for a connection that a worker cannot poll with. The SDK's own error says "failed to downcast". */
export function requireNativeConnection(connection: unknown): void {
  if (connection instanceof NativeConnection) return;
  const fix = 'pass await NativeConnection.connect({ address }), of @temporalio/worker';
  throw wrong(`connection is ${kindOf(connection)}; ${fix}`);
}

function kindOf(connection: unknown): string {
  if (connection === undefined || connection === null) return 'missing';
  if (typeof connection !== 'object') return typeof connection === 'string' ? connection : `a ${typeof connection}`;
  if (connection.constructor?.name === 'NativeConnection')
    return 'of another copy of the SDK (npm ls @temporalio/worker)';
  if ('workflowService' in connection) return "a client's Connection, of @temporalio/client";
  return 'an object of another kind';
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function wrong(problem: string, made = 'createWebhookWorker'): TypeError {
  return new TypeError(`${made}: ${problem}`);
}
