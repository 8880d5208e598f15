/** Makes the activities from the host's ports. Called by worker/, and by hosts that run a worker of their own. */
import { parseEgressOptions } from '../contract/egress/policy.ts';
import { activityLog } from './activity-log.ts';
import type { ActivityPorts, WebhookActivities } from './activity-types.ts';
import { cancelOwnRun } from './cancel-own-run.ts';
import { makeDeliverWebhook } from './deliver-webhook.ts';
import { makeFetchArtifacts } from './fetch-artifacts.ts';
import { createWebhookSender } from './http/webhook-sender.ts';
import { makeRecordDelivery } from './record-delivery.ts';
import { makeWaitForUs } from './wait-for-us.ts';

/** The activities of this module. Register them in a worker under exactly these names. Throws `EgressConfigError` for
 *  bad egress options. There is nothing to close: every socket ends with its attempt. */
export function createActivities({ artifacts, secrets, log, logger, egress }: ActivityPorts): WebhookActivities {
  const sender = createWebhookSender({ policy: parseEgressOptions(egress) });
  const say = activityLog(logger);
  const deliveryLog = log === 'none' ? undefined : log;
  return {
    fetchArtifacts: makeFetchArtifacts(artifacts, say),
    deliverWebhook: makeDeliverWebhook({ secrets, log: deliveryLog, sender, say }),
    waitForUs: makeWaitForUs(secrets, say),
    recordDelivery: makeRecordDelivery(deliveryLog, say),
    cancelOwnRun,
  };
}
