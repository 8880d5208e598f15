/** Whatever an engine reports: it is delivered in the published form, or refused for its id or status. Never in silence. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvalidInputError } from '../../../client/index.ts';
import { aNotingClient, bodyOf, type NotingClient } from '../../support/noting-client.ts';
import { aReportedCall, aReportedCampaignEvent, madeHostile } from '../../support/reported-records.ts';
import { wrongWith } from '../contract/published/validate-body.ts';

/** Fields for which a report may be refused. */
const CALL_NEEDS = ['call_id', 'status'];
const CAMPAIGN_NEEDS = ['campaign_id', 'event', 'occurrence'];

/** What became of a report. */
type Outcome = Pick<NotingClient, 'started' | 'warnings'> & { readonly refused: readonly string[] | undefined };

async function outcomeOf(report: (webhooks: NotingClient['webhooks']) => Promise<unknown>): Promise<Outcome> {
  const { webhooks, started, warnings } = aNotingClient();
  try {
    const handle = await report(webhooks);
    expect(handle === undefined).toBe(started.length === 0);
    return { started, warnings, refused: undefined };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    expect(started).toEqual([]);
    return { started, warnings, refused: error.problems.map(({ field }) => field) };
  }
}

/** What every report promises, and whether it started a run. */
function hold({ started, warnings, refused }: Outcome, needs: readonly string[], isNobody: () => boolean): boolean {
  if (refused !== undefined) {
    expect(refused).not.toEqual([]);
    expect(needs).toEqual(expect.arrayContaining([...refused]));
    return false;
  }
  const [run] = started;
  if (run === undefined) {
    if (warnings.length === 0) expect(isNobody()).toBe(true);
    return false;
  }
  const body = bodyOf(run);
  expect(wrongWith(body)).toBeUndefined();
  expect(JSON.stringify(JSON.parse(body))).toBe(body);
  expect(textsIn(body).filter((text) => text.includes('\u0000') || !text.isWellFormed())).toEqual([]);
  expect(run.workflowId.length).toBeLessThanOrEqual(255);
  expect(run.input.repairs?.length ?? 0).toBeLessThanOrEqual(25);
  expect(JSON.stringify(warnings).length).toBeLessThan(100_000);
  return true;
}

test('10,000 calls: each is delivered in the published form, or refused for its id or status', async () => {
  let started = 0;
  await fc.assert(
    fc.asyncProperty(aReportedCall(), async (call) => {
      const outcome = await outcomeOf((webhooks) => webhooks.callEnded(madeHostile(call) as never));
      if (hold(outcome, CALL_NEEDS, () => isNobody(call, 'call'))) started += 1;
    }),
    { numRuns: 10_000 },
  );
  // Else the test would prove little.
  expect(started).toBeGreaterThan(1_000);
});

test('2,000 campaign events: each is delivered in the published form, or refused for what it cannot be without', async () => {
  let started = 0;
  await fc.assert(
    fc.asyncProperty(aReportedCampaignEvent(), async (event) => {
      const outcome = await outcomeOf((webhooks) => webhooks.campaignEvent(madeHostile(event) as never));
      if (hold(outcome, CAMPAIGN_NEEDS, () => isNobody(event, 'campaign'))) started += 1;
    }),
    { numRuns: 2_000 },
  );
  expect(started).toBeGreaterThan(200);
});

test('a call of which everything throws is refused', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect((await outcomeOf((webhooks) => webhooks.callEnded(proxy as never))).refused).toEqual(['the input']);
  const fail = (): never => {
    throw new Error('a bug of the host');
  };
  const throwing = new Proxy({}, { get: fail, ownKeys: fail, has: fail, getPrototypeOf: fail });
  expect((await outcomeOf((webhooks) => webhooks.callEnded(throwing as never))).refused).toEqual(CALL_NEEDS);
});

/** Every key and text of a body. */
function textsIn(body: string): string[] {
  const texts: string[] = [];
  JSON.parse(body, (key, value: unknown) => {
    texts.push(key, ...(typeof value === 'string' ? [value] : []));
    return value;
  });
  return texts;
}

/** Whether the settings say in plain words that nobody gets the event. */
function isNobody(record: Readonly<Record<string, unknown>>, level: 'call' | 'campaign'): boolean {
  const { campaign, endpoints } = record;
  if (!isNoEndpoint(record, true)) return false;
  if (level === 'campaign') return true;
  const others = [campaign ?? undefined, ...(Array.isArray(endpoints) ? (endpoints as unknown[]) : [endpoints])];
  return others.every((each) => each === undefined || each === null || isNoEndpoint(each, false));
}

function isNoEndpoint(settings: unknown, mayLackUrl: boolean): boolean {
  const { webhook_url, webhook_events } = settings as { webhook_url?: unknown; webhook_events?: unknown };
  if (webhook_url === null || (mayLackUrl && webhook_url === undefined)) return true;
  return Array.isArray(webhook_events) && webhook_events.every((name) => typeof name === 'string');
}
