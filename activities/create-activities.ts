/** Makes the activities from the host's ports. Called by worker/, and by hosts that run a worker of their own. */
import { parseEgressOptions } from '../contract/egress/policy.ts';
import { activityLog } from './activity-log.ts';
import type { ActivityPorts, WebhookActivities } from './activity-types.ts';
import { cancelOwnRun } from './cancel-own-run.ts';
import { makeDeliverWebhook } from './deliver-webhook.ts';
import { makeFetchArtifacts } from './fetch-artifacts.ts';
import { createWebhookSender } from './http/webhook-sender.ts';
import { WebhookMetrics } from './metrics/webhook-metrics.ts';
import { makeRecordDelivery } from './record-delivery.ts';
import { makeWaitForUs } from './wait-for-us.ts';

/** The activities of this module. Register them in a worker under exactly these names. Throws `EgressConfigError` for
 *  bad egress options. There is nothing to close: every socket ends with its attempt. */
export function createActivities(ports: ActivityPorts): WebhookActivities {
  const { artifacts, secrets, log, logger, egress } = ports;
  const sender = createWebhookSender({ policy: parseEgressOptions(egress) });
  const say = activityLog(logger);
  const metrics = new WebhookMetrics(say, ports.metrics?.endpoints);
  const deliveryLog = log === 'none' ? undefined : log;
  const deliver = makeDeliverWebhook({ secrets, log: deliveryLog, sender, say, metrics });
  return {
    fetchArtifacts: makeFetchArtifacts(artifacts, say, metrics),
    deliverWebhook: (input) => metrics.whileInFlight(() => deliver(input)),
    waitForUs: makeWaitForUs(secrets, say),
    recordDelivery: makeRecordDelivery(deliveryLog, { say, metrics }),
    cancelOwnRun,
  };
}
