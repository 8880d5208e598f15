import { describe, expect, it, test } from '@jest/globals';
import { inspect } from 'node:util';
import { encryptedDataConverter, EncryptionConfigError, generateEncryptionKey } from '../../../codec/index.ts';

const KEY = generateEncryptionKey();

function refused(keys: Record<string, string | Uint8Array>, activeKeyId = 'k1'): EncryptionConfigError {
  try {
    encryptedDataConverter({ keys, activeKeyId });
  } catch (error) {
    if (error instanceof EncryptionConfigError) return error;
    throw error;
  }
  throw new Error('accepted');
}

test('a generated key is 32 bytes in base64, another one each time', () => {
  expect(KEY).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(Buffer.from(KEY, 'base64')).toHaveLength(32);
  expect(generateEncryptionKey()).not.toBe(KEY);
});

test('keys are taken as bytes or in base64, under ids a person can read', () => {
  for (const key of [KEY, Buffer.from(KEY, 'base64'), new Uint8Array(32)]) {
    expect(() =>
      encryptedDataConverter({ keys: { 'k-2026.06:eu_1': key }, activeKeyId: 'k-2026.06:eu_1' }),
    ).not.toThrow();
  }
});

describe('the converter is not made', () => {
  it('without its active key', () => {
    expect(refused({ k0: KEY })).toMatchObject({ code: 'no_active_key' });
    expect(refused({ k0: KEY }).message).toBe('encryption keys: no key "k1", which activeKeyId names; there are "k0"');
    expect(refused({}).message).toContain('there are none');
    expect(refused({ k1: KEY }, '__proto__').code).toBe('no_active_key');
  });

  it.each([
    ['too short', KEY.slice(4)],
    ['too long', `AAAA${KEY}`],
    ['without its padding', KEY.slice(0, -1)],
    ['with a line break', `${KEY}\n`],
    ['with a character base64 does not have', `*${KEY.slice(1)}`],
    ['in base64url', `${'-_'.repeat(21)}A=`],
    ['with bits beyond its last byte', `${'A'.repeat(42)}B=`],
    ['in hex', '0'.repeat(64)],
    ['empty', ''],
    ['of 16 bytes', new Uint8Array(16)],
    ['of 33 bytes', new Uint8Array(33)],
  ])('with a key %s, active or not', (_what, key) => {
    expect(refused({ k1: key })).toMatchObject({ code: 'bad_key' });
    expect(refused({ k1: KEY, k0: key }).message).toMatch(/^encryption keys: key "k0" must be 32 bytes.*generate-key$/);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the options must be { keys, activeKeyId, acceptPlain? }'],
    ['a text', KEY, 'the options must be {'],
    ['keys that are none', { activeKeyId: 'k1' }, 'keys must be an object'],
    ['a list of keys', { keys: [KEY], activeKeyId: '0' }, 'keys must be an object'],
    ['no active id', { keys: { k1: KEY } }, 'activeKeyId must be the id of the key that encrypts'],
    [
      'a misspelt option',
      { keys: { k1: KEY }, activeKeyId: 'k1', acceptPlan: true },
      'unknown option "acceptPlan"; known',
    ],
    [
      'a text for true',
      { keys: { k1: KEY }, activeKeyId: 'k1', acceptPlain: 'true' },
      'acceptPlain must be true or false',
    ],
    ['the key as a name', { [KEY]: 'k1' }, 'unknown option of 44 characters (not shown: it may be the key itself)'],
  ])('with options that are wrong: %s', (_what, options, words) => {
    const make = () => encryptedDataConverter(options as never);
    expect(make).toThrow(expect.objectContaining({ name: 'EncryptionConfigError', code: 'bad_options' }));
    expect(make).toThrow(words);
    expect(make).not.toThrow(KEY);
  });

  it.each(['', 'k 1', 'k\n1', 'ключ', 'k'.repeat(65)])('with the key id %j', (id) => {
    expect(refused({ [id]: KEY }, id).code).toBe('bad_key_id');
  });
});

test('neither an error nor a printed converter shows a key', () => {
  const bad = `${KEY.slice(0, 40)}****`;
  expect(inspect(refused({ k1: bad }), { depth: 9 })).not.toContain(KEY.slice(0, 16));
  // Swapped: the key is in the place of its id.
  const hex = Buffer.from(KEY, 'base64').toString('hex');
  for (const key of [KEY, hex]) {
    for (const error of [refused({ [key]: 'k1' }), refused({ k1: KEY }, key)]) {
      expect(inspect(error)).not.toContain(key.slice(0, 16));
    }
  }
  const converter = encryptedDataConverter({ keys: { k1: KEY }, activeKeyId: 'k1' });
  expect(inspect(converter, { depth: 9, showHidden: true })).not.toContain(KEY.slice(0, 16));
  expect(JSON.stringify(converter)).not.toContain(KEY.slice(0, 16));
});
