/**
 * The codec against attackers who damage, replace or replay what it wrote: always a coded error, never a byte of
 * plain text.
 */
import { describe, expect, it, test } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import {
  encryptionCodec,
  generateEncryptionKey,
  PayloadDecryptionError,
  type EncryptionOptions,
} from '../../../codec/index.ts';

const OLD = generateEncryptionKey();
const NEW = generateEncryptionKey();
const SECRET_TEXT = '+14155550199 canary transcript';
const keys = { old: OLD };
const plain = defaultPayloadConverter.toPayload({ text: SECRET_TEXT });
const options = (change: Partial<EncryptionOptions> = {}): EncryptionOptions => ({
  keys,
  activeKeyId: 'old',
  ...change,
});

async function sealed(change: Partial<EncryptionOptions> = {}): Promise<Payload> {
  const [payload] = await encryptionCodec(options(change)).encode([plain]);
  return payload!;
}

/** The refusal's code. Fails if the payload was opened, or if the error tells its content. */
async function refusal(payload: Payload, change: Partial<EncryptionOptions> = {}): Promise<string> {
  const error: unknown = await encryptionCodec(options(change))
    .decode([payload])
    .then(
      (opened) => new Error(`opened: ${JSON.stringify(opened)}`),
      (reason: unknown) => reason,
    );
  expect(error).toBeInstanceOf(PayloadDecryptionError);
  expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('canary');
  return (error as PayloadDecryptionError).code;
}

function flipped(bytes: Uint8Array, at: number, bit = 1): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = changed[at]! ^ bit;
  return changed;
}

test('what is encrypted comes back as it was, and no form of it stands in the ciphertext', async () => {
  const payload = await sealed();
  expect(await encryptionCodec(options()).decode([payload])).toEqual([
    { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(plain.data!) },
  ]);
  const text = Buffer.concat([payload.data!, ...Object.values(payload.metadata!)]).toString('latin1');
  expect(text).not.toContain('canary');
  expect(
    Object.fromEntries(Object.entries(payload.metadata!).map(([name, v]) => [name, Buffer.from(v).toString()])),
  ).toEqual({
    encoding: 'binary/encrypted',
    'encryption-format': 'topcalls.v1',
    'encryption-key-id': 'old',
  });
});

test('the same payload is never encrypted the same way twice', async () => {
  const many = await encryptionCodec(options()).encode(Array.from({ length: 1_000 }, () => plain));
  expect(new Set(many.map(({ data }) => Buffer.from(data!).subarray(0, 12).toString('hex'))).size).toBe(1_000);
});

describe('a payload that was changed', () => {
  it('by any one byte of nonce, ciphertext or tag is refused as tampered', async () => {
    const { metadata, data } = await sealed();
    for (let at = 0; at < data!.length; at += 1) {
      for (const bit of [1, 128]) {
        expect(await refusal({ metadata: metadata!, data: flipped(data!, at, bit) })).toBe('tampered');
      }
    }
  });

  it('by any one byte of its metadata is refused, also where plain payloads are accepted', async () => {
    const { metadata, data } = await sealed();
    for (const [name, value] of Object.entries(metadata!)) {
      for (let at = 0; at < value.length; at += 1) {
        const changed = { metadata: { ...metadata, [name]: flipped(value, at) }, data: data! };
        for (const acceptPlain of [false, true]) {
          expect(await refusal(changed, { acceptPlain })).toMatch(/^(plain_payload|unknown_format|unknown_key)$/);
        }
      }
    }
  });

  it('by the id of another key that is there is refused: the id is bound to the ciphertext', async () => {
    const { metadata, data } = await sealed();
    const renamed = { metadata: { ...metadata, 'encryption-key-id': Buffer.from('twin') }, data: data! };
    expect(await refusal(renamed, { keys: { old: OLD, twin: OLD } })).toBe('tampered');
  });

  it('by cutting it, to any length, is refused', async () => {
    const { metadata, data } = await sealed();
    for (let length = 0; length < data!.length; length += 1) {
      expect(await refusal({ metadata: metadata!, data: data!.subarray(0, length) })).toBe('tampered');
    }
    expect(await refusal({ metadata: metadata! })).toBe('tampered');
  });

  it('by losing its key id or its format is refused', async () => {
    const { encoding, ...others } = (await sealed()).metadata!;
    expect(await refusal({ metadata: { encoding: encoding! }, data: new Uint8Array(64) })).toBe('unknown_format');
    expect(await refusal({ metadata: others, data: new Uint8Array(64) })).toBe('plain_payload');
    expect(await refusal({})).toBe('plain_payload');
  });
});

describe('rotation', () => {
  const rotated = options({ keys: { old: OLD, new: NEW }, activeKeyId: 'new' });

  it('writes with the active key and reads what both wrote', async () => {
    const codec = encryptionCodec(rotated);
    const [payload] = await codec.encode([plain]);
    expect(Buffer.from(payload!.metadata!['encryption-key-id']!).toString()).toBe('new');
    const opened = await codec.decode([payload!, await sealed()]);
    expect(opened.map((each) => defaultPayloadConverter.fromPayload(each))).toEqual([
      { text: SECRET_TEXT },
      { text: SECRET_TEXT },
    ]);
  });

  it('says which key is missing once the old one is dropped too early', async () => {
    const payload = await sealed();
    const dropped = encryptionCodec({ keys: { new: NEW }, activeKeyId: 'new' });
    await expect(dropped.decode([payload])).rejects.toMatchObject({
      code: 'unknown_key',
      keyId: 'old',
      message: 'payload refused: encrypted with key "old", which is not among the keys here (new)',
    });
  });

  it('does not take another key under the same id', async () => {
    expect(await refusal(await sealed(), { keys: { old: NEW } })).toBe('tampered');
  });
});

describe('a plain payload', () => {
  it('is refused, with the way out, so that nobody can slip one in', async () => {
    expect(await refusal(plain)).toBe('plain_payload');
    await expect(encryptionCodec(options()).decode([plain])).rejects.toThrow(/json\/plain.*acceptPlain/);
  });

  it('is read while acceptPlain is on, and writing encrypts all the same', async () => {
    const codec = encryptionCodec(options({ acceptPlain: true }));
    expect(await codec.decode([plain, await sealed()])).toMatchObject([plain, { metadata: plain.metadata }]);
    const [written] = await codec.encode([plain]);
    expect(await refusal(written!, { keys: { old: NEW } })).toBe('tampered');
  });

  it('that the server itself writes, which has no key, is let through as it stands and in no other form', async () => {
    const server = defaultPayloadConverter.toPayload('ACTIVITY_ID_NOT_STARTED');
    expect(await encryptionCodec(options()).decode([server])).toEqual([server]);
    expect(await refusal(defaultPayloadConverter.toPayload('ACTIVITY_ID_NOT_STARTED!'))).toBe('plain_payload');
    expect(await refusal({ ...server, metadata: { encoding: Buffer.from('binary/plain') } })).toBe('plain_payload');
  });

  it('with an encoding the SDK does not make is refused even then', async () => {
    const foreign = { metadata: { encoding: Buffer.from('binary/zipped') }, data: Buffer.from('x') };
    expect(await refusal(foreign, { acceptPlain: true })).toBe('plain_payload');
  });
});
