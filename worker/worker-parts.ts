/** The two parts a host adds to its own worker: the path of the workflows, and the activities. */
import { createActivities } from '../activities/index.ts';
import type { ActivityPorts, WebhookActivities } from '../activities/index.ts';
import { allowsLoopback, effectiveEgress, parseEgressOptions } from '../contract/egress/policy.ts';

/** For `Worker.create` of a host with its own worker. */
export type WebhookWorkerParts = {
  /** For `WorkerOptions.workflowsPath`. A host with its own workflows writes in its workflows file instead:
   *  `export * from '@topcalls/webhooks/workflows'`. */
  readonly workflowsPath: string;
  /** For `WorkerOptions.activities`, beside the host's own. */
  readonly activities: WebhookActivities;
};

/** Checks the ports and makes the activities. A wrong port fails here, at the start, not in the middle of a delivery.
 *  Throws `TypeError` that names the port, or `EgressConfigError`. Logs where webhooks may go, as a warning if that is
 *  more than public https. */
export function webhookWorkerParts(ports: ActivityPorts): WebhookWorkerParts {
  requireMethod('artifacts', ports.artifacts, 'fetch');
  requireMethod('secrets', ports.secrets, 'forEndpoint');
  if (ports.log !== undefined) requireMethod('log', ports.log, 'record');
  sayEgress(ports);
  return { workflowsPath: require.resolve('../workflows'), activities: createActivities(ports) };
}

function requireMethod(port: keyof ActivityPorts, value: object | undefined, method: string): void {
  const found: unknown = value === undefined || value === null ? undefined : Reflect.get(value, method);
  if (typeof found === 'function') return;
  throw new TypeError(`webhook worker: option ${port} must be an object with a method ${method}(), see docs/embed.md`);
}

/** Logs the effective policy at every start, so that a typo or a forgotten allowance is seen. */
function sayEgress({ egress, logger }: ActivityPorts): void {
  const policy = parseEgressOptions(egress);
  const effective = effectiveEgress(egress);
  if (!policy.allowHttp && policy.allowCidrs.length === 0) return logger?.info({ egress: effective }, 'webhook.egress');
  const [message, fix] = allowsLoopback(policy)
    ? [
        'webhook.egress_reaches_loopback',
        'for development only: remove the loopback ranges from egress.allowCidrs in production',
      ]
    : ['webhook.egress_opened', 'name in egress.allowCidrs only what every customer may reach; see docs/egress.md'];
  if (logger !== undefined) return logger.warn({ egress: effective, fix }, message);
  process.emitWarning(`${message}: ${fix}`, {
    type: 'WebhookWarning',
    code: message,
    detail: JSON.stringify(effective),
  });
}
