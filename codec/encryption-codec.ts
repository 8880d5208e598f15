/**
 * The payload codec: AES-256-GCM between a client or worker and the server. Temporal stores and shows ciphertext only.
 * The codec passes no plain payload through, and returns no byte that was not authenticated.
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { readKeys, type EncryptionOptions } from './encryption-keys.ts';
import { PayloadDecryptionError } from './errors.ts';
import { payloadBytes, payloadFrom } from './payload-bytes.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The value of `encoding`. Temporal's samples use the same name. */
export const ENCRYPTED_ENCODING = 'binary/encrypted';
/** The value of `encryption-format`: what was encrypted and in which layout. A change of either needs a new name. */
const FORMAT = 'topcalls.v1';
const FORMAT_KEY = 'encryption-format';
const KEY_ID_KEY = 'encryption-key-id';

/** Encodings of the SDK's own payload converters, which `acceptPlain` accepts. */
const PLAIN_ENCODINGS: ReadonlySet<string> = new Set([
  'json/plain',
  'binary/null',
  'binary/plain',
  'json/protobuf',
  'binary/protobuf',
]);

/** Written by the server itself, which has no key: the details of a cancelled activity that no worker had. It is
 *  `json/plain` whatever the data converter. This exact text is accepted; it reveals nothing. Source:
 *  temporalio/temporal, workflow_task_completed_handler.go; seen with 1.32. */
export const SERVER_TEXT = '"ACTIVITY_ID_NOT_STARTED"';

/** The codec alone, for a host with its own data converter or codec server. Most hosts want `encryptedDataConverter`.
 *  `encode` encrypts with the active key. `decode` decrypts with any of `keys`, or rejects with
 *  `PayloadDecryptionError`. Throws `EncryptionConfigError`. */
export function encryptionCodec(options: EncryptionOptions): PayloadCodec {
  const { byId, active } = readKeys(options);
  const acceptPlain = options.acceptPlain === true;
  return {
    encode: async (payloads) => payloads.map((payload) => seal(payload, active.id, active.key)),
    decode: async (payloads) => payloads.map((payload) => open(payload, byId, acceptPlain)),
  };
}

/** Encrypts one payload. Its data is nonce, ciphertext and tag, in this order. */
function seal(payload: Payload, keyId: string, key: KeyObject): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated(keyId));
  const data = Buffer.concat([nonce, cipher.update(payloadBytes(payload)), cipher.final(), cipher.getAuthTag()]);
  return {
    metadata: {
      encoding: Buffer.from(ENCRYPTED_ENCODING),
      [FORMAT_KEY]: Buffer.from(FORMAT),
      [KEY_ID_KEY]: Buffer.from(keyId),
    },
    data,
  };
}

function open(payload: Payload, keys: ReadonlyMap<string, KeyObject>, acceptPlain: boolean): Payload {
  const encoding = metadataOf(payload, 'encoding');
  if (encoding !== ENCRYPTED_ENCODING) {
    if (acceptPlain && PLAIN_ENCODINGS.has(encoding)) return payload;
    if (encoding === 'json/plain' && textOf(payload.data) === SERVER_TEXT) return payload;
    const fix = acceptPlain ? '' : '; while a namespace moves to encryption, acceptPlain reads such payloads';
    throw new PayloadDecryptionError('plain_payload', `it is not encrypted (encoding ${shown(encoding)})${fix}`);
  }
  const format = metadataOf(payload, FORMAT_KEY);
  const keyId = metadataOf(payload, KEY_ID_KEY);
  if (format !== FORMAT) {
    const message = `encrypted in format ${shown(format)}, and this version reads ${FORMAT} only`;
    throw new PayloadDecryptionError('unknown_format', message, keyId);
  }
  const key = keys.get(keyId);
  if (key === undefined) {
    const known = [...keys.keys()].join(', ');
    const message = `encrypted with key ${shown(keyId)}, which is not among the keys here (${known})`;
    throw new PayloadDecryptionError('unknown_key', message, keyId);
  }
  try {
    return payloadFrom(decrypt(payload.data ?? new Uint8Array(), keyId, key));
  } catch (error) {
    const reasons = 'changed, cut, or another key has this id elsewhere';
    const message = `it is not what was encrypted with key ${shown(keyId)}: ${reasons}`;
    throw new PayloadDecryptionError('tampered', message, keyId, { cause: error });
  }
}

/** Decrypts. Nothing is returned before all of it is authenticated: `final` throws if the tag does not fit. */
function decrypt(data: Uint8Array, keyId: string, key: KeyObject): Buffer {
  if (data.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('shorter than nonce and tag');
  const end = data.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(associated(keyId))
    .setAuthTag(data.subarray(end));
  return Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, end)), decipher.final()]);
}

/** Associated data, authenticated with the ciphertext: format and key id. Not the run id, which is unknown to a client
 *  that reads histories, and to the Web UI when it decodes. */
function associated(keyId: string): Buffer {
  return Buffer.from(`${ENCRYPTED_ENCODING}\n${FORMAT}\n${keyId}`);
}

function metadataOf({ metadata }: Payload, name: string): string {
  return textOf(metadata?.[name]);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

/** Metadata as it may stand in a message; it is readable anyway. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
