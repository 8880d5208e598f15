/** What a worker says at every start, so that a typo, a forgotten allowance or a missing log is seen. */
import type { ActivityPorts } from '../activities/index.ts';
import { allowsLoopback, effectiveEgress, parseEgressOptions } from '../contract/egress/policy.ts';

/** Logs the effective egress policy; as a warning if it allows more than public https. */
export function sayEgress({ egress, logger }: ActivityPorts): void {
  const policy = parseEgressOptions(egress);
  const effective = effectiveEgress(egress);
  if (!policy.allowHttp && policy.allowCidrs.length === 0) return logger?.info({ egress: effective }, 'webhook.egress');
  const [message, fix] = allowsLoopback(policy)
    ? [
        'webhook.egress_reaches_loopback',
        'for development only: remove the loopback ranges from egress.allowCidrs in production',
      ]
    : ['webhook.egress_opened', 'name in egress.allowCidrs only what every customer may reach; see docs/egress.md'];
  warn(logger, message, fix, { egress: effective });
}

/** Warns of a worker that records nothing. Says more if that was not chosen in words. */
export function sayNoLog({ log, logger }: ActivityPorts): void {
  const chosen = 'final states are kept in Temporal only, and end with its retention; reconcile writes them into a log';
  const forgotten = "pass a log, such as new PostgresDeliveryLog({ connectionString }), or say log: 'none'";
  warn(logger, 'webhook.no_log', log === 'none' ? chosen : `${forgotten}. Without one ${chosen}`, {});
}

/** Warns through the host's logger; without one as a warning of the process. */
function warn(logger: ActivityPorts['logger'], message: string, fix: string, facts: object): void {
  if (logger !== undefined) return logger.warn({ ...facts, fix }, message);
  const detail = JSON.stringify(facts);
  process.emitWarning(`${message}: ${fix}`, { type: 'WebhookWarning', code: message, detail });
}
