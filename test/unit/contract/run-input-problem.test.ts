/** What a workflow can work with: all that our client sends, and nothing that would leave a run standing still. */
import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CALL_EVENTS, EVENT_NAMES } from '../../../contract/event-types.ts';
import { problemOfBody, problemOfInput } from '../../../contract/run-input-problem.ts';
import { readCampaignEvent } from '../../../contract/schemas/campaign-event.ts';
import { aCall, aReport, aRunInput } from '../../support/builders.ts';

const ENDPOINT = aRunInput().endpoints[0];
const { campaign: CAMPAIGN } = readCampaignEvent({ event: 'campaign.started', campaign_id: 'c1' });
const ENDED = { endpointId: 'ep_2', webhookId: 'msg_2', host: 'two.example.com', state: 'gone', attempts: [] };
const many = (count: number) =>
  Array.from({ length: count }, (_each, index) => ({ ...ENDPOINT, endpointId: `ep_${index}` }));

test('what our client sends can be worked with', () => {
  for (const event of EVENT_NAMES.filter((name) => !name.startsWith('call.'))) {
    const { call: _none, ...input } = aRunInput();
    expect(problemOfInput('campaign', { ...input, event, campaign: CAMPAIGN })).toBeUndefined();
  }
  for (const event of CALL_EVENTS) expect(problemOfInput('call', aRunInput({ event }))).toBeUndefined();
  expect(problemOfInput('call', aRunInput())).toBeUndefined();
  expect(problemOfInput('call', aRunInput({ endpoints: many(20) as never }))).toBeUndefined();
  const alreadyEnded = [{ endpoint: ENDPOINT, outcome: { ...ENDED, attempts: [aReport().attempt] } }];
  expect(
    problemOfInput('call', aRunInput({ redelivery: { cycle: 2, body: '{}', alreadyEnded } as never })),
  ).toBeUndefined();
});

describe('a start by other means is told what is wrong with', () => {
  it.each([
    ['no input', undefined, 'the input is missing, and must be an object'],
    ['null', null, 'the input is null'],
    ['text', 'hello', 'the input is a string'],
    ['a number', 7, 'the input is a number'],
    ['a list', [], 'the input is a list'],
    ['no event', { event: undefined }, 'event must be one of a call, and is missing'],
    ['an event of the other workflow', { event: 'campaign.started' }, 'event must be one of a call, and is a string'],
    ['no call', { call: undefined }, 'call must be an object with a text call_id, and is missing'],
    ['a call that is text', { call: 'c1' }, 'call must be an object with a text call_id, and is a string'],
    [
      'a call as the engine reports it',
      { call: { call_id: 'c1', status: 'completed', metadata: {} } },
      'call has no phone_number, from_phone_number, call_status, duration',
    ],
    ['an account that is no text', { accountId: 7 }, 'accountId must be a text or absent'],
    ['no endpoint', { endpoints: [] }, 'endpoints must be a list of at least one endpoint'],
    ['21 endpoints', { endpoints: many(21) }, '21 endpoints: at most 20 are allowed'],
    ['a thousand endpoints', { endpoints: many(1_000) }, '1000 endpoints: at most 20 are allowed'],
    ['an endpoint that is text', { endpoints: ['https://example.com'] }, 'each endpoint must have the texts'],
    ['a refusal that is no text', { endpoints: [{ ...ENDPOINT, refusal: {} }] }, 'each endpoint must have the texts'],
    ['one endpoint twice', { endpoints: [ENDPOINT, ENDPOINT] }, 'two endpoints have the same endpointId'],
    ['no policy', { policy: undefined }, 'policy must have settleDelayMs and artifactDeadlineMs'],
    [
      'an endless settle delay',
      { policy: { ...aRunInput().policy, settleDelayMs: Number.POSITIVE_INFINITY } },
      'policy must have',
    ],
    [
      'a wait of nothing',
      { policy: { ...aRunInput().policy, retryDelaysMs: [0] } },
      'at most 10 waits, from 1000 to 86400000',
    ],
    [
      'eleven waits',
      { policy: { ...aRunInput().policy, retryDelaysMs: Array.from({ length: 11 }, () => 1_000) } },
      'at most 10 waits',
    ],
    ['no expects', { expects: null }, 'expects must tell of recording, transcript, summary'],
    ['expects as a list', { expects: ['recording'] }, 'expects must tell of'],
    ['a redelivery of nothing', { redelivery: {} }, 'redelivery must have a whole cycle'],
    [
      'outcomes that are none',
      { redelivery: { cycle: 2, alreadyEnded: [{}] } },
      'redelivery.alreadyEnded must be a list',
    ],
  ])('%s', (_what, change, problem) => {
    const isChange = typeof change === 'object' && change !== null && !Array.isArray(change);
    const input = isChange ? { ...aRunInput(), ...change } : change;
    expect(problemOfInput('call', input)).toContain(problem);
  });
});

test('a reported call or event, given to the workflow instead of reportCall, is told apart by what it lacks', () => {
  const { webhook_url, ...call } = aCall();
  expect(problemOfInput('call', { ...call, webhook_url })).toBe('event must be one of a call, and is missing');
  expect(problemOfInput('campaign', { event: 'campaign.started', campaign_id: 'c1' })).toBe(
    'campaign must be an object with a text campaign_id, and is missing',
  );
});

const REQUIRED: readonly (readonly [string, object, readonly string[]])[] = [
  ['call', aRunInput(), ['event', 'call', 'endpoints', 'policy', 'expects']],
  ['call', aRunInput().call, Object.keys(aRunInput().call)],
  ['campaign', CAMPAIGN, Object.keys(CAMPAIGN)],
];

test.each(REQUIRED)('without one of its required fields a %s is refused, whichever it is', (about, part, names) => {
  const { call: _none, ...rest } = aRunInput();
  const whole = about === 'call' ? aRunInput() : { ...rest, event: 'campaign.started' as const, campaign: CAMPAIGN };
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) {
    const without = Object.fromEntries(Object.entries(part).filter(([each]) => each !== name));
    const input = 'policy' in part ? without : { ...whole, [about]: without };
    expect(problemOfInput(about as 'call', input)).toContain(name);
  }
});

test('an outcome of an earlier run is read as strictly as what an attempt reports: the details show it', () => {
  const redelivered = (outcome: object) =>
    aRunInput({ redelivery: { cycle: 2, alreadyEnded: [{ endpoint: ENDPOINT, outcome }] } as never });
  expect(problemOfInput('call', redelivered(ENDED))).toBeUndefined();
  const odd = fc.oneof(fc.integer(), fc.object(), fc.constantFrom(null, undefined, true, [7]));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(ENDED)), odd, (field, value) => {
      expect(problemOfInput('call', redelivered({ ...ENDED, [field]: value }))).toContain('redelivery.alreadyEnded');
    }),
    { numRuns: 300 },
  );
  expect(problemOfInput('call', redelivered({ ...ENDED, attempts: [null] }))).toContain('redelivery.alreadyEnded');
});

test('a body that the server cannot carry to every endpoint is told with both sizes', () => {
  const one = aRunInput();
  // As a JSON string it has two quotes more.
  const ofBytes = (bytes: number) => 'x'.repeat(bytes - 2);
  expect(problemOfBody(ofBytes(1_572_864), one)).toBeUndefined();
  for (const bytes of [1_572_865, 20_000_000]) expect(problemOfBody(ofBytes(bytes), one)).toContain(`${bytes} bytes`);
  expect(problemOfBody('x'.repeat(400_000), { endpoints: many(10) as never })).toContain(
    'can be carried to 10 endpoints',
  );
  // Twenty copies of 300 KB would be more than the server takes. Refused endpoints get no copy.
  expect(problemOfBody('x'.repeat(300_000), { endpoints: many(20) as never })).toContain('to 20 endpoints');
  const refused = many(10).map((endpoint) => ({ ...endpoint, refusal: 'too_many_endpoints' }));
  expect(problemOfBody('x'.repeat(300_000), { endpoints: [...many(10), ...refused] as never })).toBeUndefined();
});

test('whatever stands in an input, the answer is a sentence or none, and never an error', () => {
  const odd = fc.oneof(fc.anything(), fc.constantFrom(aRunInput(), many(3), aRunInput().policy));
  const fields = fc.constantFrom('event', 'endpoints', 'policy', 'call', 'expects', 'redelivery', 'accountId');
  fc.assert(
    fc.property(fc.dictionary(fields, odd), (change) => {
      const problem = problemOfInput('call', { ...aRunInput(), ...change });
      expect(problem === undefined || problem.length > 10).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
