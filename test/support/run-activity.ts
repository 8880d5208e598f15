/** Runs one activity as a worker would. Keeps its log lines and the signals that it sends to its own run. */
import type { Client } from '@temporalio/client';
import {
  ApplicationFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
  noopMetricMeter,
} from '@temporalio/common';
import type { MetricMeter } from '@temporalio/common';
import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities, type ActivityPorts, type WebhookActivities } from '../../activities/index.ts';
import { LOOPBACK_EGRESS } from '../../contract/index.ts';
import type { DeliverInput } from '../../contract/run-messages.ts';
import { readyArtifacts, SECRET } from './builders.ts';

export type NotedLine = { readonly level: string; readonly message: string } & Record<string, unknown>;
export type NotedSignal = { readonly name: string; readonly workflowId: string; readonly payload: unknown };

/** The result of one run of an activity: a value or a failure, and what was logged on the way. */
export type ActivityRun<T> = {
  readonly value: T | undefined;
  readonly failure: ApplicationFailure | undefined;
  readonly lines: readonly NotedLine[];
  readonly signals: readonly NotedSignal[];
  /** What went to the SDK's own logger, the SDK's lines included. */
  readonly sdkLines: readonly NotedLine[];
};

/** What surrounds an activity. Every part has a default that works. */
export type ActivityWorld = {
  readonly ports?: Partial<ActivityPorts>;
  readonly info?: Partial<Info>;
  /** False: the host has no logger, so the SDK's gets the lines. */
  readonly hostLogger?: boolean;
  /** What the server says of the own run; default it does not answer. */
  readonly describe?: () => object;
  /** Told of each heartbeat, with the environment, which can cancel. */
  readonly onHeartbeat?: (env: MockActivityEnvironment, details: unknown) => void;
  /** The meter of its context. Default: one that counts nothing. */
  readonly meter?: MetricMeter;
  /** What a signal to its own run does. Default: it arrives. */
  readonly onSignal?: () => Promise<void>;
};

/** The run that every activity here belongs to. */
export const OWN_RUN = { workflowId: 'call-webhook/call-1', runId: '0192f0c1-0000-7000-8000-000000000001' };

/** Runs `work` with the activities made from `ports`. Rethrows an error that is no ApplicationFailure. */
export async function runActivity<T>(
  work: (activities: WebhookActivities) => Promise<T>,
  {
    ports = {},
    info = {},
    hostLogger = true,
    describe,
    onHeartbeat,
    meter,
    onSignal = async () => undefined,
  }: ActivityWorld = {},
): Promise<ActivityRun<T>> {
  const lines: NotedLine[] = [];
  const signals: NotedSignal[] = [];
  const sdkLines: NotedLine[] = [];
  const sdkLogger = new DefaultLogger('DEBUG', ({ level, message, meta }) => {
    sdkLines.push({ level: level.toLowerCase(), message, ...meta });
  });
  const note =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, ...fields });
    };
  const client = {
    withDeadline: (_deadline: number, body: () => Promise<unknown>) => body(),
    withAbortSignal: (_signal: AbortSignal, body: () => Promise<unknown>) => body(),
    workflow: {
      getHandle: (workflowId: string) => ({
        signal: async (name: string, payload: unknown) => {
          signals.push({ name, workflowId, payload });
          await onSignal();
        },
        describe: async () => {
          if (describe === undefined) throw new Error('the server does not answer');
          return describe();
        },
      }),
    },
  } as unknown as Client;
  const env = new MockActivityEnvironment(
    { workflowExecution: OWN_RUN, ...info },
    {
      client,
      logger: sdkLogger,
      metricMeter: meter ?? noopMetricMeter,
    },
  );
  env.on('heartbeat', (details: unknown) => onHeartbeat?.(env, details));
  const activities = createActivities({
    artifacts: { fetch: async () => readyArtifacts() },
    secrets: { forEndpoint: () => ({ current: SECRET }) },
    egress: LOOPBACK_EGRESS,
    ...(hostLogger ? { logger: { info: note('info'), warn: note('warn'), error: note('error') } } : {}),
    ...ports,
  });
  try {
    const value = await env.run<[], T, () => Promise<T>>(() => work(activities));
    return { value, failure: undefined, lines, signals, sdkLines };
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    return { value: undefined, failure: error, lines, signals, sdkLines };
  }
}

/** A failure as the history stores it, as text. */
export function asStored(failure: ApplicationFailure): string {
  const proto = defaultFailureConverter.errorToFailure(failure, defaultPayloadConverter);
  const details = proto.applicationFailureInfo?.details?.payloads?.map(({ data }) =>
    Buffer.from(data ?? []).toString(),
  );
  return JSON.stringify({ ...proto, applicationFailureInfo: { ...proto.applicationFailureInfo, details } });
}

/** A first attempt of a completed call to `url`. */
export function aDelivery(url: string, change: Partial<DeliverInput> = {}): DeliverInput {
  return {
    subject: {
      event: 'call.completed',
      callId: 'call-1',
      campaignId: 'camp_abc123',
      accountId: 'acc_1',
      cycle: 1,
      runStartedAt: '2025-12-22T10:32:36.000Z',
      promisedAt: '2025-12-22T10:32:51.000Z',
    },
    endpoint: {
      endpointId: 'ep_abcdefghijkl',
      webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      url,
      host: '127.0.0.1',
      secretRef: 'main',
    },
    body: '{"call_id":"call-1","phone_number":"+14155551234","event":"call.completed"}',
    retryDelaysMs: [60_000, 300_000, 900_000, 3_600_000],
    attemptsMade: 0,
    trigger: 'schedule',
    ...change,
  };
}
