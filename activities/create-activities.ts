/** Makes the activities from the host's ports. Called by worker/, and by hosts that run a worker of their own. */
import { checkOptionNames } from '../contract/known-options.ts';
import { parseEgressOptions } from '../contract/egress/policy.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { activityLog } from './activity-log.ts';
import type { ActivityPorts, WebhookActivities } from './activity-types.ts';
import { cancelOwnRun } from './cancel-own-run.ts';
import { makeDeliverWebhook } from './deliver-webhook.ts';
import { makeFetchArtifacts } from './fetch-artifacts.ts';
import { createWebhookSender } from './http/webhook-sender.ts';
import { WebhookMetrics } from './metrics/webhook-metrics.ts';
import { makeNotifyDelivery } from './notify-delivery.ts';
import { eventsToEndpoint } from './notify-endpoint.ts';
import type { DeliveryEvents, NotifyEndpoint } from './ports/delivery-events.ts';
import { makeRecordDelivery } from './record-delivery.ts';
import { makeReportCall } from './report-call.ts';
import { makeWaitForUs } from './wait-for-us.ts';

/** The names of all ports and settings. */
export const PORTS: readonly (keyof ActivityPorts)[] = [
  'artifacts',
  'secrets',
  'log',
  'deliveryEvents',
  'reports',
  'logger',
  'egress',
  'metrics',
];

/** The activities of this module. Register them in a worker under exactly these names. Throws `EgressConfigError` for
 *  bad egress options, and `TypeError` for a bad `deliveryEvents.url`. Throws `TypeError` for an option that does not
 *  exist: a misspelt `egress` would open what it was to close. There is nothing to close: every socket ends with its
 *  attempt. */
export function createActivities(ports: ActivityPorts): WebhookActivities {
  checkOptionNames('createActivities', ports, PORTS);
  if (ports.metrics !== undefined) checkOptionNames('createActivities: metrics', ports.metrics, ['endpoints']);
  const { artifacts, secrets, log, logger, egress, deliveryEvents: told } = ports;
  const sender = createWebhookSender({ policy: parseEgressOptions(egress) });
  const say = activityLog(logger);
  const metrics = new WebhookMetrics(say, ports.metrics?.endpoints);
  const deliveryLog = log === 'none' ? undefined : log;
  const notifies = told === undefined ? undefined : true;
  const deliver = makeDeliverWebhook({ secrets, log: deliveryLog, sender, say, metrics, notifies });
  const recordDelivery = makeRecordDelivery(deliveryLog, { say, metrics });
  const events = told !== undefined && isEndpoint(told) ? eventsToEndpoint(told, secrets) : told;
  return {
    fetchArtifacts: makeFetchArtifacts(artifacts, say, metrics),
    deliverWebhook: (input) => metrics.whileInFlight(() => deliver(input)),
    waitForUs: makeWaitForUs(secrets, say),
    // A delivery whose workers were killed has reported nothing. Its run learns here that the host is to be told.
    recordDelivery: async (record: DeliveryRecord) => {
      await recordDelivery(record);
      return notifies && { notifies };
    },
    notifyDelivery: makeNotifyDelivery(events, say),
    cancelOwnRun,
    reportCall: makeReportCall(ports.reports, say),
  };
}

function isEndpoint(told: DeliveryEvents | NotifyEndpoint): told is NotifyEndpoint {
  return typeof (told as Partial<DeliveryEvents>).notify !== 'function';
}
