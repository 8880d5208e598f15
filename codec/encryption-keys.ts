/** Keys for the codec: makes them, checks them, and holds them so that printing them by accident shows nothing. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { EncryptionConfigError } from './errors.ts';

/** The keys, and which one encrypts. */
export type EncryptionOptions = {
  /** Key id → 32 random bytes, raw or in base64 (44 characters, as `generateEncryptionKey` makes them). Every key
   *  decrypts. Ids match `[A-Za-z0-9._:-]{1,64}` and are stored in plain text beside every payload. Never give an id
   *  another key. */
  readonly keys: Readonly<Record<string, string | Uint8Array>>;
  /** Id of the key that encrypts from now on. To rotate, first give the new key to every client, worker and codec
   *  server, then name it here. A key is good for 2^32 payloads, since random nonces must not repeat. A call makes
   *  some 20 payloads, so that is 200 million calls. */
  readonly activeKeyId: string;
  /** Also read payloads that are not encrypted, as the SDK's own converters write them. Default false: otherwise
   *  anyone who can write to Temporal could give a run plain payloads. Set it only while a namespace moves to
   *  encryption, see docs/encryption.md. */
  readonly acceptPlain?: boolean;
};

/** The checked keys. */
export type EncryptionKeys = {
  readonly byId: ReadonlyMap<string, KeyObject>;
  readonly active: { readonly id: string; readonly key: KeyObject };
};

const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9._:-]{1,64}$/;
// Buffer.from(…, 'base64') skips unknown characters, so a key with a typing error would become a shorter key.
const BASE64_KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** Makes a new key: 32 random bytes in base64. Keep it where secrets are kept. Without it no run that it encrypted can
 *  be read. */
export function generateEncryptionKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

/** Checks all keys. Throws `EncryptionConfigError`, which names ids, never a key. */
export function readKeys(options: EncryptionOptions): EncryptionKeys {
  checkForm(options);
  const { keys, activeKeyId } = options;
  const byId = new Map(Object.entries(keys).map(([id, key]) => [id, keyOf(id, key)]));
  const key = byId.get(activeKeyId);
  if (key === undefined) {
    const known = byId.size === 0 ? 'there are none' : `there are ${[...byId.keys()].map(shownId).join(', ')}`;
    throw new EncryptionConfigError(
      'no_active_key',
      `no key ${shownId(activeKeyId)}, which activeKeyId names; ${known}`,
    );
  }
  return { byId, active: { id: activeKeyId, key } };
}

const OPTIONS: readonly string[] = ['keys', 'activeKeyId', 'acceptPlain'] satisfies (keyof EncryptionOptions)[];

/** JavaScript checks no types. A misspelt `acceptPlain`, or one that is a text, would leave plain runs blocked. */
function checkForm(options: unknown): void {
  if (!isObject(options)) throw badOptions('the options must be { keys, activeKeyId, acceptPlain? }');
  const unknown = Object.keys(options).filter((name) => !OPTIONS.includes(name));
  if (unknown.length > 0) {
    throw badOptions(`unknown option ${unknown.map(shownId).join(', ')}; known are ${OPTIONS.join(', ')}`);
  }
  const { keys, activeKeyId, acceptPlain } = options as { readonly [Name in keyof EncryptionOptions]?: unknown };
  if (!isObject(keys) || Array.isArray(keys)) throw badOptions('keys must be an object: an id for each key');
  if (typeof activeKeyId !== 'string') throw badOptions('activeKeyId must be the id of the key that encrypts');
  if (acceptPlain !== undefined && typeof acceptPlain !== 'boolean') {
    throw badOptions(`acceptPlain must be true or false, and it is of type ${typeof acceptPlain}`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function badOptions(problem: string): EncryptionConfigError {
  return new EncryptionConfigError('bad_options', problem);
}

/** The id for a message. A text as long as a key is not shown: somebody may have swapped id and key, and a log would
 *  then hold the key. */
function shownId(text: string): string {
  return text.length < KEY_BYTES
    ? JSON.stringify(text)
    : `of ${text.length} characters (not shown: it may be the key itself)`;
}

function keyOf(id: string, key: string | Uint8Array): KeyObject {
  if (!KEY_ID.test(id)) {
    throw new EncryptionConfigError(
      'bad_key_id',
      `the key id ${shownId(id)} is not allowed: ids are 1 to 64 of A-Z a-z 0-9 . _ : -`,
    );
  }
  const isText = typeof key === 'string';
  const bytes = isText ? Buffer.from(BASE64_KEY.test(key) ? key : '', 'base64') : key;
  if (!(bytes instanceof Uint8Array) || bytes.length !== KEY_BYTES) {
    const came = isText
      ? `a text of ${key.length} characters`
      : `${bytes instanceof Uint8Array ? bytes.length : 'no'} bytes`;
    throw new EncryptionConfigError(
      'bad_key',
      `key ${shownId(id)} must be ${KEY_BYTES} bytes, or those in base64 (44 characters); it is ${came}. ` +
        'Make one: topcalls-webhooks generate-key',
    );
  }
  return createSecretKey(bytes);
}
