/**
 * A run has two readers: the workflow answers the query `status`, and the client folds the history. Both must say the
 * same at every moment of every recorded run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { bundleWorkflowCode } from '@temporalio/worker';
import { isFinal, type WebhookStatus } from '../../contract/delivery-state.ts';
import { askedStatuses, cutsOf, readStatus, type CutHistory, type JsonEvent } from '../support/replayed-status.ts';

const folder = join(__dirname, 'histories');
const names = readdirSync(folder).map((file) => file.replace('.json', ''));

let cuts: readonly CutHistory[];
let asked: ReadonlyMap<string, WebhookStatus>;

beforeAll(async () => {
  cuts = [...names.map((name) => ({ name, events: eventsOf(name) })), refusedByTheResolver()].flatMap(
    ({ name, events }) => cutsOf(name, events),
  );
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    workflowInterceptorModules: [require.resolve('../support/tell-status')],
  });
  asked = await askedStatuses(workflowBundle, cuts);
});

test('the query and the handle say the same of every history, cut off at every event', async () => {
  const differences: unknown[] = [];
  for (const cut of cuts) {
    const handle = await readStatus(cut, statusAfter(cut));
    const query = asBoth(asked.get(cut.name), handle);
    if (JSON.stringify(sorted(query)) !== JSON.stringify(sorted(handle)))
      differences.push({ cut: cut.name, query, handle });
  }
  expect(differences).toEqual([]);
});

test('a run that is terminated keeps the ends its deliveries had, and the rest is terminated', async () => {
  const differences: unknown[] = [];
  for (const cut of cuts.filter((each) => statusAfter(each) === 'RUNNING')) {
    const query = asked.get(cut.name)?.deliveries.map(({ state }) => (isFinal(state) ? state : 'terminated'));
    const handle = (await readStatus(cut, 'TERMINATED'))?.deliveries.map(({ state }) => state);
    if (JSON.stringify(query) !== JSON.stringify(handle)) differences.push({ cut: cut.name, query, handle });
  }
  expect(differences).toEqual([]);
});

/**
 * What both can know. The replayed run has an id of its own. The client knows the artifacts once the history holds
 * the frozen body. A query runs the workflow task that freezes it.
 */
function asBoth(query: WebhookStatus | undefined, handle: WebhookStatus | undefined): unknown {
  const { artifacts, ...rest } = { ...query, workflowId: handle?.workflowId };
  return handle?.artifacts === undefined ? rest : { ...rest, artifacts };
}

/** A ladder on which a name always led to forbidden addresses. Only its attempts tell it from other failures. */
function refusedByTheResolver(): CutHistory {
  const text = JSON.stringify(eventsOf('failed-after-the-ladder'), (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? altered(value) : value,
  );
  // Without the close event, which holds the recorded run's outcome.
  return { name: 'refused-by-the-resolver', events: (JSON.parse(text) as JsonEvent[]).slice(0, -1) };
}

function altered(data: string): string {
  const text = Buffer.from(data, 'base64').toString();
  const changed = text
    .replaceAll('"outcome":"http"', '"outcome":"refused"')
    .replaceAll(/"status":500,"code":"http_500"/g, '"code":"address_resolved"');
  return Buffer.from(changed).toString('base64');
}

function statusAfter({ events }: CutHistory): string {
  const type = events.at(-1)?.eventType ?? '';
  return /EXECUTION_(COMPLETED|FAILED|CANCELED)$/.exec(type)?.[1]?.replace('CANCELED', 'CANCELLED') ?? 'RUNNING';
}

function eventsOf(name: string): JsonEvent[] {
  return (JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as { events: JsonEvent[] }).events;
}

/** Keys in one order, so that only values count. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
