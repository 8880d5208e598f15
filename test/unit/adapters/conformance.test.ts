/** The suites of ./conformance: our adapters pass them, and an adapter with a fault does not. */
import { describe, expect, test } from '@jest/globals';
import {
  artifactSourceConformance,
  deliveryLogConformance,
  deliveryLogReadConformance,
  signingSecretsConformance,
} from '../../../adapters/conformance/index.ts';
import type { ConformanceCase } from '../../../adapters/conformance/index.ts';
import { MemoryArtifactSource, MemoryDeliveryLog } from '../../../adapters/memory.ts';
import { StaticSecrets } from '../../../adapters/static-secrets.ts';
import type { ArtifactSource, DeliveryLog, SigningSecrets } from '../../../activities/index.ts';
import { readyArtifacts, SECRET } from '../../support/builders.ts';
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
