/** Records as real engines report them: each is delivered, and what was changed is told. */
import { expect, test } from '@jest/globals';
import { InvalidInputError } from '../../../client/index.ts';
import { aNotingClient, bodyOf } from '../../support/noting-client.ts';
import { records } from './reported-records.json';

/** The call of the README. */
const BASE = {
  call_id: '6f2d1c1e-7d4b-4c3a-9a55-1f0e8a2b9c01',
  status: 'completed',
  phone_number: '+14155551234',
  from_phone_number: '+18005551234',
  created_at: '2026-01-31T10:30:00Z',
  account_id: 'acct_1',
  webhook_url: 'https://crm.example.com/hook',
};

/** What `<…>` in the file stands for. */
const STANDS_FOR: Readonly<Record<string, unknown>> = {
  '<missing>': undefined,
  '<-0>': -0,
  '<51 keys>': Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key_${index}`, index])),
};

function withValues(value: unknown): unknown {
  if (typeof value === 'string' && value in STANDS_FOR) return STANDS_FOR[value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key === '<half emoji>' ? '\uD83D' : key, withValues(item)]),
  );
}

type Outcome = {
  readonly body: Record<string, unknown> | undefined;
  readonly workflowId: string | undefined;
  readonly refused: string | undefined;
  readonly warned: readonly string[];
};

async function report(over: object): Promise<Outcome> {
  const { webhooks, started, warnings } = aNotingClient();
  let refused: string | undefined;
  try {
    await webhooks.callEnded({ ...BASE, ...(withValues(over) as object) } as never);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    refused = error.message;
  }
  const [run] = started;
  return {
    body: run === undefined ? undefined : (JSON.parse(bodyOf(run)) as Record<string, unknown>),
    workflowId: run?.workflowId,
    refused,
    warned: warnings.map(({ code, message }) => `${code}: ${message}`),
  };
}

const AT = '2026-01-31T10:30:00Z';
const FAILED = 'call.failed';
/** What must happen, by the record's `over`: fields of the body, and a word of the warning if there is one. */
const MUST: readonly (readonly [over: string, body: object | undefined, warning?: string])[] = [
  ['{"from_phone_number":null}', { from_phone_number: null }],
  ['{"from_phone_number":""}', { from_phone_number: null }],
  ['{"phone_number":"<missing>"}', { phone_number: null }, 'phone_number: missing'],
  ['{"status":"no-answer"}', { event: FAILED, status: 'failed', call_status: 'no-answer' }, 'status: "no-answer"'],
  ['{"status":"Canceled"}', { event: FAILED, status: 'failed', call_status: 'Canceled' }, 'status: "Canceled"'],
  ['{"status":"COMPLETED"}', { event: 'call.completed', call_status: 'completed' }, 'status: "COMPLETED"'],
  ['{"status":"transferred"}', undefined],
  ['{"call_id":"a84b4c76e66710@pc33.example.com"}', { call_id: 'a84b4c76e66710@pc33.example.com' }],
  ['{"call_id":"room/42"}', { call_id: 'room/42' }],
  ['{"call_id":12345}', { call_id: '12345' }, 'call_id: an integer: sent as text'],
  ['{"campaign_id":77}', { campaign_id: '77' }, 'campaign_id: an integer: sent as text'],
  ['{"created_at":"2026-01-31 10:30:00+00"}', { created_at: AT }, 'read as ISO 8601'],
  ['{"created_at":1769855400}', { created_at: AT }, 'unix seconds'],
  ['{"created_at":1769855400000}', { created_at: AT }, 'unix milliseconds'],
  ['{"created_at":"2026-01-31T10:30:00.123456"}', { created_at: AT }, 'has no zone, so it was read as UTC'],
  ['{"created_at":"yesterday"}', { created_at: null }, 'no time can be read from it, so null is sent'],
  ['{"duration":"2.50"}', { duration: 2.5 }, 'duration: a string of 4 characters: read as a number of minutes'],
  ['{"duration":-0.01}', { duration: null }, 'duration: a fraction: null is sent'],
  [
    '{"duration":150,"started_at":"2026-01-31T10:30:00Z","end_at":"2026-01-31T10:32:30Z"}',
    { duration: 150 },
    'are these seconds?',
  ],
  ['{"metadata":{"score":0.00001}}', { metadata: { score: 0.000_01 } }, 'metadata.score: a fraction'],
  ['{"metadata":{"balance":"<-0>"}}', { metadata: { balance: 0 } }, 'metadata.balance: negative zero'],
  ['{"metadata":{"constructor":"ACME"}}', { metadata: { constructor: 'ACME' } }],
  ['{"metadata":"{\\"a\\":1}"}', { metadata: { a: 1 } }, 'read as JSON'],
  ['{"metadata":[1]}', { metadata: {} }, 'metadata: an array: {} is sent'],
  ['{"metadata":{"note":"a\\u0000b"}}', { metadata: { note: 'a\uFFFDb' } }, 'metadata.note: U+0000'],
  ['{"metadata":{"<half emoji>":1}}', { metadata: { '\uFFFD': 1 } }, 'became U+FFFD'],
  ['{"metadata":"<51 keys>"}', { metadata: STANDS_FOR['<51 keys>'] }, 'an object of 51 keys: sent whole'],
  ['{"call_status":486}', { call_status: '486' }, 'call_status: an integer: sent as text'],
  [
    '{"error_message":{"code":486},"status":"failed"}',
    { event: FAILED, error_message: '{"code":486}' },
    'error_message: an object: sent as text',
  ],
  ['{"webhook_events":"call.completed,call.failed"}', { event: 'call.completed' }, 'webhook_events'],
  [
    '{"webhookUrl":"https://crm.example.com/h","webhook_url":"<missing>"}',
    undefined,
    'webhookUrl is no field, webhook_url is',
  ],
];

test('the list covers the file', () => {
  const overs = records.map(({ over }) => JSON.stringify(over));
  expect(MUST.map(([over]) => JSON.stringify(JSON.parse(over)))).toEqual(overs);
});

test.each(MUST.map(([over, body, warning]) => [over, { body, warning }] as const))('%s', async (over, must) => {
  const { body, warning } = must;
  const outcome = await report(JSON.parse(over) as object);
  if (body === undefined) expect(outcome.body).toBeUndefined();
  else expect(outcome.body).toMatchObject(body);
  if (warning === undefined) expect(outcome.warned).toEqual([]);
  else expect(outcome.warned).toEqual([expect.stringContaining(warning)]);
});

test('a status that nobody can read is refused; the error names the call, what came and what is allowed', async () => {
  expect((await report({ status: 'transferred' })).refused).toBe(
    `ended call ${BASE.call_id} refused: status: "transferred": must be completed or failed; ` +
      'busy, no-answer, no_answer, canceled, cancelled, error, rejected, timeout also mean failed',
  );
});

test('an id of any text is percent-encoded in the workflow id', async () => {
  expect((await report({ call_id: 'a84b4c76e66710@pc33.example.com' })).workflowId).toBe(
    'call-webhook/a84b4c76e66710%40pc33.example.com',
  );
  expect((await report({ call_id: 'room/42' })).workflowId).toBe('call-webhook/room%2F42');
});
