/** The two things a host folds into a worker of its own: where the workflows stand, and the activities. */
import { createActivities } from '../activities/index.ts';
import type { ActivityPorts, WebhookActivities } from '../activities/index.ts';
import { allowsLoopback, parseEgressOptions } from '../contract/egress-policy.ts';

export type WebhookWorkerParts = {
  /** For `WorkerOptions.workflowsPath`; a host with workflows of its own says in its workflows file instead:
   *  `export * from '@topcalls/webhooks/workflows'`. */
  readonly workflowsPath: string;
  /** For `WorkerOptions.activities`, beside the host's own. */
  readonly activities: WebhookActivities;
};

/** Checks the ports before anything polls, so a wrong host fails at its start and not in a ladder. Throws `TypeError`
 *  naming the port, or `EgressConfigError`. An egress policy that reaches loopback is said loudly. */
export function webhookWorkerParts(ports: ActivityPorts): WebhookWorkerParts {
  requireMethod('artifacts', ports.artifacts, 'fetch');
  requireMethod('secrets', ports.secrets, 'forEndpoint');
  if (ports.log !== undefined) requireMethod('log', ports.log, 'record');
  if (allowsLoopback(parseEgressOptions(ports.egress))) warnOfLoopback(ports);
  return { workflowsPath: require.resolve('../workflows'), activities: createActivities(ports) };
}

function requireMethod(port: keyof ActivityPorts, value: object | undefined, method: string): void {
  const found: unknown = value === undefined || value === null ? undefined : Reflect.get(value, method);
  if (typeof found === 'function') return;
  throw new TypeError(`webhook worker: option ${port} must be an object with a method ${method}(), see docs/embed.md`);
}

function warnOfLoopback({ egress, logger }: ActivityPorts): void {
  const message = 'webhook.egress_reaches_loopback';
  const fields = {
    egress,
    fix: 'for development only: remove the loopback ranges from egress.allowCidrs in production',
  };
  if (logger !== undefined) logger.warn(fields, message);
  else process.emitWarning(`${message}: ${fields.fix}`, { type: 'WebhookWarning', code: message });
}
