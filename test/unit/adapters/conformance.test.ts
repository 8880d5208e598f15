/** The suites of ./conformance: our adapters pass them, and an adapter with a fault does not. */
import { describe, expect, test } from '@jest/globals';
import {
  artifactSourceConformance,
  deliveryEventsConformance,
  deliveryLogConformance,
  deliveryLogReadConformance,
  signingSecretsConformance,
} from '../../../adapters/conformance/index.ts';
import type { ConformanceCase } from '../../../adapters/conformance/index.ts';
import { LogDeliveryEvents, MemoryDeliveryEvents } from '../../../adapters/delivery-events.ts';
import { MemoryArtifactSource, MemoryDeliveryLog } from '../../../adapters/memory.ts';
import { StaticSecrets } from '../../../adapters/static-secrets.ts';
import type { ArtifactSource, DeliveryEvent, DeliveryLog, SigningSecrets } from '../../../activities/index.ts';
import { aDeliveryEvent, readyArtifacts, SECRET } from '../../support/builders.ts';
import { faultsOf } from '../../support/conformance-faults.ts';

function sourceWithOneCall(): MemoryArtifactSource {
  const source = new MemoryArtifactSource();
  source.put('call-ready', readyArtifacts());
  return source;
}
const artifactCases = (source: ArtifactSource): readonly ConformanceCase[] =>
  artifactSourceConformance(() => ({ source, readyCallId: 'call-ready', unknownCallId: 'call-unknown' }));
const secretCases = (secrets: SigningSecrets): readonly ConformanceCase[] =>
  signingSecretsConformance(() => ({ secrets, knownRef: 'main' }));

describe('ours', () => {
  test.each(artifactCases(sourceWithOneCall()))('artifacts in memory: $name', ({ run }) => run());
  test.each(secretCases(new StaticSecrets({ main: { current: SECRET, previous: ['whsec_old'] } })))(
    'secrets from a record: $name',
    ({ run }) => run(),
  );
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const events = new MemoryDeliveryEvents();
  const countOf = (id: string): number => events.events().filter((event) => event.id === id).length;
  test.each(deliveryEventsConformance(() => ({ events, countOf })))('events in memory: $name', ({ run }) => run());
  test.each(deliveryEventsConformance(() => ({ events: new LogDeliveryEvents(silent) })))(
    'events as log lines: $name',
    ({ run }) => run(),
  );
});

test('a port that acts each time, one that knows only the kind of today, and one that overwrites by webhook fail', async () => {
  const acted: string[] = [];
  const twice = { notify: ({ id }: DeliveryEvent) => void acted.push(id) };
  const countOf = (id: string): number => acted.filter((each) => each === id).length;
  expect(await faultsOf(deliveryEventsConformance(() => ({ events: twice, countOf })))).toEqual([
    'an event that is told again, one after the other and at once, is acted on once',
  ]);
  const strict = {
    notify: async ({ kind, callId, accountId }: DeliveryEvent) => {
      if (!/^delivery\.(failing|failed|recovered|cancelled)$/.test(kind)) throw new Error('unknown kind');
      if (callId === undefined || accountId === undefined) throw new Error('no call');
    },
  };
  expect(await faultsOf(deliveryEventsConformance(() => ({ events: strict })))).toEqual([
    'it takes an event that has only what every event has',
    'it takes a kind that it does not know: else a later version would keep runs open',
  ]);
  const byWebhook = new Map<string, string>();
  const overwrites = { notify: ({ webhookId, id }: DeliveryEvent) => void byWebhook.set(webhookId, id) };
  const kept = (id: string): number => [...byWebhook.values()].filter((each) => each === id).length;
  expect(await faultsOf(deliveryEventsConformance(() => ({ events: overwrites, countOf: kept })))).toEqual([
    'events of two kinds, of two runs and of two cycles are acted on each',
  ]);
});

test('a line for each event: failing is a warning, failed an error; the list in memory forgets the oldest', () => {
  const lines: unknown[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push([level, message, fields]);
  const log = new LogDeliveryEvents({ info: at('info'), warn: at('warn'), error: at('error') });
  const { kind: _kind, ...fields } = aDeliveryEvent();
  const kinds = ['delivery.failing', 'delivery.failed', 'delivery.recovered', 'delivery.cancelled'] as const;
  for (const kind of kinds) log.notify({ ...fields, kind });
  expect(lines).toEqual(kinds.map((kind, index) => [['warn', 'error', 'info', 'info'][index], kind, fields]));
  const memory = new MemoryDeliveryEvents({ maxEvents: 2 });
  for (const id of ['a', 'b', 'a', 'c']) memory.notify(aDeliveryEvent({ id, webhookId: `msg_${id}` }));
  expect(memory.events().map(({ id }) => id)).toEqual(['b', 'c']);
  expect(memory.events('msg_c').map(({ id }) => id)).toEqual(['c']);
});

test('a log that only appends fails wherever a record comes twice', async () => {
  const records: Parameters<DeliveryLog['record']>[0][] = [];
  const log = {
    record: async (record: (typeof records)[number]) => void records.push(record),
    show: async (webhookId: string) => records.filter((record) => record.webhookId === webhookId),
  };
  expect(await faultsOf(deliveryLogConformance(() => log))).toEqual([
    'the same record given again, one after the other and at once, is one record',
    'a first record that is given ten times at once is one record',
    'each redelivery cycle is a record of its own, shown in order',
    'a run that was reset adds a record and leaves the first as it was',
    'of two records of one cycle the one with more attempts stays, whichever comes first',
    'with as many attempts the one that ended later stays, whichever comes first',
    '`terminated`, written for a run that left no record, replaces none, whichever comes first',
  ]);
});

test('a log whose pages start over fails', async () => {
  class Forgetful extends MemoryDeliveryLog {
    override list({ after: _, ...filter }: Parameters<MemoryDeliveryLog['list']>[0] = {}) {
      return super.list(filter);
    }
  }
  expect(await faultsOf(deliveryLogReadConformance(() => new Forgetful()))).toEqual([
    'pages leave nothing out and give nothing twice, also where ends are equal',
    'records that differ in their run alone are all listed, over pages too',
    'a state, a limit, a time or a cursor that cannot be is a RangeError',
  ]);
});

test('a source that is always ready, or never ends, fails', async () => {
  const always = artifactCases({ fetch: () => Promise.resolve(readyArtifacts()) });
  expect(await faultsOf(always)).toEqual([
    'a call it does not know is not ready: a webhook may be faster than the artifacts',
    'two polls at once get their own answers',
  ]);
  const memory = sourceWithOneCall();
  const deaf = artifactCases({
    fetch: (request) => (request.signal.aborted ? new Promise(() => {}) : memory.fetch(request)),
  });
  expect(await faultsOf(deaf)).toEqual(['it ends within a second when the poll is given up']);
});

test('a store on a plain object fails for a reference named "constructor", and where logging it shows the secret', async () => {
  const sets: Record<string, { current: string }> = { main: { current: SECRET } };
  const store = { sets, forEndpoint: (ref: string) => sets[ref] };
  expect(await faultsOf(secretCases(store))).toEqual([
    'an unknown reference gives undefined, whatever its name',
    'logging the store prints no secret',
  ]);
});
