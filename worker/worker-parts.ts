/** The two parts a host adds to its own worker: the path of the workflows, and the activities. */
import { createActivities } from '../activities/index.ts';
import type { ActivityPorts, WebhookActivities } from '../activities/index.ts';
import { MAX_LABELLED_ENDPOINTS } from '../activities/metrics/metric-table.ts';
import { refuseUnknownPorts } from './check-options.ts';
import { workflowsPath } from './own-files.ts';
import { sayEgress, sayNoLog } from './say-at-start.ts';

/** For `Worker.create` of a host with its own worker. */
export type WebhookWorkerParts = {
  /** For `WorkerOptions.workflowsPath`. A host with its own workflows writes in its workflows file instead:
   *  `export * from '@topcalls/webhooks/workflows'`. */
  readonly workflowsPath: string;
  /** For `WorkerOptions.activities`, beside the host's own. */
  readonly activities: WebhookActivities;
};

/** Checks the ports and makes the activities. A wrong port fails here, at the start, not in the middle of a delivery.
 *  Throws `TypeError` that names the port or an unknown option, or `EgressConfigError`. Logs where webhooks may go, as
 *  a warning if that is more than public https. Warns if there is no log, also if `log: 'none'` says so. */
export function webhookWorkerParts(ports: ActivityPorts): WebhookWorkerParts {
  refuseUnknownPorts(ports);
  requireLogger(ports.logger);
  requireMetrics(ports.metrics);
  requireMethod('artifacts', ports.artifacts, 'fetch');
  requireMethod('secrets', ports.secrets, 'forEndpoint');
  if (ports.log === 'none' || ports.log === undefined) sayNoLog(ports);
  else requireMethod('log', ports.log, 'record');
  requireDeliveryEvents(ports.deliveryEvents);
  if (ports.reports !== undefined) requireMethod('reports', ports.reports, 'report');
  sayEgress(ports);
  const activities = createActivities(ports);
  return {
    get workflowsPath() {
      return workflowsPath();
    },
    activities,
  };
}

function requireMethod(port: keyof ActivityPorts, value: unknown, method: string): void {
  const found: unknown = isObject(value) ? Reflect.get(value, method) : undefined;
  if (typeof found === 'function') return;
  const or = port === 'log' ? ", or 'none'" : port === 'reports' ? ': callReports() of ./client' : '';
  throw new TypeError(
    `webhook worker: option ${port} must be an object with a method ${method}()${or}, see docs/embed.md`,
  );
}

/** A port, or a URL of the host's own. Whether a POST can go there is judged where it is made. */
function requireDeliveryEvents(told: unknown): void {
  if (told === undefined) return;
  const [notify, url] = ['notify', 'url'].map((name) => (isObject(told) ? Reflect.get(told, name) : undefined));
  if (typeof notify === 'function' || typeof url === 'string') return;
  const allowed = 'an object with a method notify(), or { url, secretRef? }';
  throw new TypeError(`webhook worker: option deliveryEvents must be ${allowed}, see docs/embed.md`);
}

/** `console` is one; its method `log` alone is not. */
function requireLogger(logger: unknown): void {
  if (logger === undefined) return;
  const missing = ['info', 'warn', 'error'].filter((level) => typeof Reflect.get(Object(logger), level) !== 'function');
  if (missing.length === 0) return;
  throw new TypeError(
    `webhook worker: option logger has no method ${missing.join('(), ')}(); pass a pino logger, or console`,
  );
}

function requireMetrics({ endpoints = 0 }: NonNullable<ActivityPorts['metrics']> = {}): void {
  if (Number.isInteger(endpoints) && endpoints >= 0 && endpoints <= MAX_LABELLED_ENDPOINTS) return;
  const allowed = `a whole number 0 to ${MAX_LABELLED_ENDPOINTS}`;
  throw new TypeError(`webhook worker: option metrics.endpoints is ${endpoints}; allowed is ${allowed}`);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
