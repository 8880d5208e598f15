/** Records as an engine could report them: any value in any field, missing fields, wrong keys, fields that throw. */
import fc from 'fast-check';

/** Anything that JavaScript can hold, and what real engines do hold. */
function anyValue(): fc.Arbitrary<unknown> {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withBoxedValues: true,
    withNullPrototype: true,
    withObjectString: true,
    withUnicodeString: true,
    maxDepth: 3,
  });
  const odd = fc.constantFrom<unknown>(
    '',
    '\uD83D',
    'a\u0000b',
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    1e21,
    1e-7,
    1_769_855_400,
    1_769_855_400_000,
    '2026-01-31 10:30:00+00',
    'Sat, 31 Jan 2026 10:30:00 +0000',
    '{"a":{"b":[1]}}',
    'x'.repeat(9_000),
    '👋'.repeat(5_000),
    JSON.parse('{"__proto__":{"admin":true}}'),
    { toJSON: () => 'text' },
    new Error('busy'),
    Symbol('symbol'),
    () => 1,
  );
  const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.bigInt().map(String));
  return fc.oneof(
    { weight: 6, arbitrary: anything },
    { weight: 6, arbitrary: odd },
    { weight: 4, arbitrary: number },
    { weight: 4, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: hostile() },
  );
}

/** Stands for a value that fast-check cannot hold, since it throws where it is looked at. */
class Hostile {
  readonly kind: (typeof HOSTILE)[number];

  constructor(kind: Hostile['kind']) {
    this.kind = kind;
  }
}
const HOSTILE = ['getter', 'toJSON', 'keys', 'prototype', 'revoked', 'itself', 'endless', 'many'] as const;

function hostile(): fc.Arbitrary<unknown> {
  return fc.constantFrom(...HOSTILE).map((kind) => new Hostile(kind));
}

/** The record with its hostile values: getters and proxies that throw, and data without an end. */
export function madeHostile(value: unknown, levels = 4): unknown {
  if (value instanceof Hostile) return HOSTILE_VALUES[value.kind]();
  if (levels === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => madeHostile(item, levels - 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, madeHostile(item, levels - 1)]));
}

const fail = (): never => {
  throw new Error('a bug of the host');
};
const deeper = (): object => new Proxy({ next: 1 }, { get: deeper });

const HOSTILE_VALUES: Readonly<Record<Hostile['kind'], () => unknown>> = {
  getter: () => Object.defineProperty({ a: 1 }, 'b', { get: fail, enumerable: true }),
  toJSON: () => ({ toJSON: fail }),
  keys: () => new Proxy({}, { ownKeys: fail }),
  prototype: () => new Proxy({}, { getPrototypeOf: fail }),
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  itself: () => {
    const itself: Record<string, unknown> = { name: 'itself' };
    itself['self'] = [itself];
    return itself;
  },
  endless: deeper,
  /** One list, named 3^12 times. */
  many: () => ({ shared: Array.from({ length: 12 }).reduce<unknown>((inner) => [inner, inner, inner], 'leaf') }),
};

/** Mostly `good`, so that records are seldom refused, else anything. Undefined stands for a missing field. */
function mostly<T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 6, arbitrary: good },
    { weight: 3, arbitrary: anyValue() },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const WRONG_KEYS = [
  'webhookUrl',
  'webhook_event',
  'callId',
  'secretRef',
  'createdAt',
  'phoneNumber',
  'x',
  '0',
  'toJSON',
];
const SETTINGS = {
  webhook_url: mostly(fc.constantFrom('https://a.example.com/', 'https://b.example.com/hook?x=1', null)),
  webhook_events: mostly(fc.constantFrom(null, undefined, 'call.completed,call.failed', ['call.completed'])),
  secret_ref: mostly(fc.constantFrom('main', null)),
};
const id = fc.oneof(fc.uuid(), fc.integer(), fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }));

/** A record of `fields`: some of them missing, and some under wrong keys. */
function recordOf(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Record<string, unknown>> {
  const wrong = fc.dictionary(fc.constantFrom(...WRONG_KEYS), anyValue(), { maxKeys: 3 });
  return fc
    .tuple(fc.record(fields), wrong)
    .map(([record, more]) => ({ ...more, ...record }))
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));
}

/** A call as any engine might report it. */
export function aReportedCall(): fc.Arbitrary<Record<string, unknown>> {
  const settings = fc.record(SETTINGS);
  return recordOf({
    call_id: mostly(id),
    status: mostly(fc.constantFrom('completed', 'failed', 'COMPLETED', 'no-answer', 'Busy', 'transferred')),
    phone_number: mostly(fc.constantFrom('+14155551234', null)),
    from_phone_number: anyValue(),
    call_status: anyValue(),
    duration: anyValue(),
    answered_by: anyValue(),
    campaign_id: anyValue(),
    lead_id: anyValue(),
    created_at: anyValue(),
    started_at: anyValue(),
    end_at: mostly(fc.constant('2026-01-31T10:32:30Z')),
    metadata: anyValue(),
    error_message: anyValue(),
    account_id: mostly(fc.constantFrom('acct_1', 77)),
    expects: anyValue(),
    ...SETTINGS,
    campaign: mostly(settings),
    endpoints: mostly(fc.array(mostly(settings), { maxLength: 4 })),
  });
}

/** A campaign event as any engine might report it. */
export function aReportedCampaignEvent(): fc.Arbitrary<Record<string, unknown>> {
  return recordOf({
    event: mostly(fc.constantFrom('campaign.started', 'CAMPAIGN.COMPLETED', 'campaign.paused', 'webhook.test')),
    campaign_id: mostly(id),
    name: anyValue(),
    status: anyValue(),
    total_leads: anyValue(),
    stats: mostly(fc.dictionary(fc.string({ unit: 'binary' }), anyValue(), { maxKeys: 5 })),
    created_at: anyValue(),
    started_at: anyValue(),
    end_at: anyValue(),
    reason: anyValue(),
    metadata: anyValue(),
    occurrence: mostly(id),
    account_id: mostly(fc.constantFrom('acct_1', 77)),
    ...SETTINGS,
    webhook_events: mostly(fc.constantFrom(undefined, ['campaign.started', 'campaign.paused'])),
  });
}
