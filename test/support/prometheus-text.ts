/** The metrics that the SDK shows to Prometheus, as a test reads them. */
import { Runtime } from '@temporalio/worker';
import type { MetricMeter } from '@temporalio/common';
import { freePort } from '../../temporal-server/ports.ts';

/** One line of Prometheus text. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** A runtime of the SDK whose meter is read as text. Once per process. */
export type MeteredRuntime = { readonly meter: MetricMeter; text(): Promise<string>; close(): Promise<void> };

export async function startMeteredRuntime(buckets: Record<string, number[]> = {}): Promise<MeteredRuntime> {
  const address = `127.0.0.1:${await freePort()}`;
  const prometheus = { bindAddress: address, histogramBucketOverrides: buckets };
  const runtime = Runtime.install({ shutdownSignals: [], telemetryOptions: { metrics: { prometheus } } });
  return {
    // As a worker does it.
    meter: runtime.metricMeter.withTags({ namespace: 'default', taskQueue: 'q' }),
    text: async () => (await fetch(`http://${address}/metrics`)).text(),
    close: () => runtime.shutdown(),
  };
}

/** Our samples in the text. */
export function ourSamples(text: string): readonly Sample[] {
  return [...text.matchAll(/^(topcalls_webhook_\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', list = '', value]) => ({
    name,
    labels: Object.fromEntries(
      [...list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text]),
    ),
    value: Number(value),
  }));
}

/** Values by series, without the labels of the SDK: `topcalls_webhook_ended{event=call.failed,state=gone}` → 2. */
export function valuesOf(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    ourSamples(text).map(({ name, labels: { namespace: _1, taskQueue: _2, ...labels }, value }) => [
      `${name}{${Object.entries(labels)
        .map((pair) => pair.join('='))
        .toSorted()
        .join(',')}}`,
      value,
    ]),
  );
}
