/** What a worker says at every start, so that a typo, a forgotten allowance, a missing log or a hasty end is seen. */
import { msOptionalToNumber } from '@temporalio/common/lib/time';
import type { WorkerOptions } from '@temporalio/worker';
import type { ActivityPorts } from '../activities/index.ts';
import { allowsLoopback, effectiveEgress, parseEgressOptions } from '../contract/egress/policy.ts';
import { SHUTDOWN_GRACE_MS } from '../contract/limits.ts';

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

/** Warns of an end by force that comes before attempts in flight can end. Each attempt that it cuts off is made again,
 *  half a minute later, although the receiver may have taken it. */
export function sayForce({ shutdownForceTime }: Partial<WorkerOptions>, logger: ActivityPorts['logger']): void {
  const forceMs = msOptionalToNumber(shutdownForceTime);
  if (forceMs === undefined || forceMs >= SHUTDOWN_GRACE_MS) return;
  const enough = `${SHUTDOWN_GRACE_MS / 1_000} s or more`;
  const fix = `leave shutdownForceTime out, or give it ${enough}: attempts in flight then end`;
  warn(logger, 'worker.force_cuts_attempts', fix, { shutdownForceMs: forceMs });
}

/** Warns through the host's logger; without one as a warning of the process. */
function warn(logger: ActivityPorts['logger'], message: string, fix: string, facts: object): void {
  if (logger !== undefined) return logger.warn({ ...facts, fix }, message);
  const detail = JSON.stringify(facts);
  process.emitWarning(`${message}: ${fix}`, { type: 'WebhookWarning', code: message, detail });
}
