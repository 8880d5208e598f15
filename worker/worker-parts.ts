/** The two things a host folds into a worker of its own: where the workflows stand, and the activities. */
import { createActivities } from '../activities/index.ts';
import type { ActivityPorts, WebhookActivities } from '../activities/index.ts';
import { allowsLoopback, effectiveEgress, parseEgressOptions } from '../contract/egress/policy.ts';

export type WebhookWorkerParts = {
  /** For `WorkerOptions.workflowsPath`; a host with workflows of its own says in its workflows file instead:
   *  `export * from '@topcalls/webhooks/workflows'`. */
  readonly workflowsPath: string;
  /** For `WorkerOptions.activities`, beside the host's own. */
  readonly activities: WebhookActivities;
};

/** Checks the ports before anything polls, so a wrong host fails at its start and not in a ladder. Throws `TypeError`
 *  naming the port, or `EgressConfigError`. Says where webhooks may go; loudly where that is more than public https. */
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

/** The policy as it works, at every start: what a typo or a forgotten allowance opens must be seen in the log. */
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
