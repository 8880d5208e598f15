/** The schemas of reports: what they accept is sent without a repair, and what they refuse was to be repaired. */
import { expect, it, test } from '@jest/globals';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { callReports } from '../../../../client/index.ts';
import { CALL_FIELDS, CAMPAIGN_FIELDS } from '../../../../contract/reported-fields.ts';
import { reportSchemas } from '../../../../scripts/contract/report-schemas.ts';
import { anAcceptedCall } from '../../../support/arbitrary-calls.ts';
import { aCall, aCallTo } from '../../../support/builders.ts';
import { aNotingTemporal } from '../../../support/noting-client.ts';

const SCHEMAS = reportSchemas();
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats(ajv);
const isCall = ajv.compile(SCHEMAS['call-ended']);
const isCampaignEvent = ajv.compile(SCHEMAS['campaign-event']);
const isAnswer = ajv.compile(SCHEMAS['report-answer']);

const CAMPAIGN_EVENT = {
  event: 'campaign.started',
  campaign_id: 'camp_1',
  name: 'Reminders',
  status: 'running',
  total_leads: 20,
  stats: { pending: 20, completed: 0, failed: 0 },
  created_at: '2025-12-22T10:30:00Z',
  metadata: {},
  webhook_url: 'https://your-app.com/webhooks',
  secret_ref: 'main',
};

/** Fields whose values had to be changed, or for which the report was refused. */
async function changedIn(input: unknown): Promise<readonly string[]> {
  const { temporal: client } = aNotingTemporal();
  try {
    const { warnings } = await callReports().report(input, undefined, { client, taskQueue: 'engine' });
    return warnings.filter(({ code }) => code !== 'odd_value').map(({ field = '' }) => field);
  } catch (error) {
    return [String(error)];
  }
}

it.each([
  ['call-ended', [...CALL_FIELDS, 'webhook_url', 'webhook_events', 'secret_ref', 'campaign', 'endpoints']],
  ['campaign-event', [...CAMPAIGN_FIELDS, 'webhook_url', 'webhook_events', 'secret_ref']],
] as const)('%s has the fields that the client reads', (name, fields) => {
  expect(Object.keys(SCHEMAS[name].properties ?? {}).sort()).toEqual([...fields].sort());
});

test('any call that the schema accepts is sent as it is', async () => {
  let accepted = 0;
  const settings = { webhook_url: 'https://your-app.com/webhooks', secret_ref: 'main' };
  await fc.assert(
    fc.asyncProperty(anAcceptedCall(), async (made) => {
      const call: unknown = JSON.parse(JSON.stringify({ ...made, metadata: {}, ...settings }));
      // No schema can tell these two, which databases refuse.
      fc.pre(!/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(call)));
      if (!isCall(call)) return;
      accepted += 1;
      expect(await changedIn(call)).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test('a campaign event that the schema accepts is sent as it is, and so is its answer', async () => {
  expect(isCampaignEvent(CAMPAIGN_EVENT)).toBe(true);
  expect(await changedIn(CAMPAIGN_EVENT)).toEqual([]);
  const { temporal: client } = aNotingTemporal();
  const answer = await callReports().report(
    aCallTo([{ webhook_url: 'https://x.com' }]),
    {},
    { client, taskQueue: 'q' },
  );
  expect(answer.warnings.length).toBeGreaterThan(0);
  expect([isAnswer(answer), isAnswer({ ...answer, webhooks: null })]).toEqual([true, false]);
});

test.each([
  ['call', isCall, aCall({ campaign: {}, endpoints: [], expects: {}, error_message: 'busy', account_id: 'acct_1' })],
  ['campaign event', isCampaignEvent, { ...CAMPAIGN_EVENT, occurrence: '1', reason: 'r' }],
] as const)('in a %s the schema refuses every value of another kind', (_what, isValid, valid) => {
  expect(isValid(JSON.parse(JSON.stringify(valid)))).toBe(true);
  const names = Object.keys(valid).filter((name) => name !== 'metadata');
  for (const name of names) expect([name, isValid({ ...valid, [name]: true })]).toEqual([name, false]);
});
