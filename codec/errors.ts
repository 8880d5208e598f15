/** Errors of the codec: a class per cause with a stable `code`. Messages name key ids, never a key, a payload or a byte of one. */

/** What is wrong with the options. `no_active_key`: `activeKeyId` is not among `keys`; `bad_key`: not 32 bytes;
 *  `bad_key_id`: not `[A-Za-z0-9._:-]{1,64}`. */
export type EncryptionConfigErrorCode = 'no_active_key' | 'bad_key' | 'bad_key_id';

/** The keys cannot be used. Thrown where the converter is made, so before anything is sent or polled. */
export class EncryptionConfigError extends Error {
  readonly code: EncryptionConfigErrorCode;
  constructor(code: EncryptionConfigErrorCode, message: string) {
    super(`encryption keys: ${message}`);
    this.name = 'EncryptionConfigError';
    this.code = code;
  }
}

/** Why a payload is not opened. `unknown_key`: its key is not among ours; `tampered`: it is not what was encrypted, or
 *  another key has the same id; `plain_payload`: it is not encrypted, and `acceptPlain` is off; `unknown_format`: encrypted
 *  by something else, or by a later version. */
export type PayloadDecryptionErrorCode = 'unknown_key' | 'tampered' | 'plain_payload' | 'unknown_format';

/** A payload was refused; nothing of it was passed on. In a workflow this leaves the run standing, visibly, until a worker
 *  comes that can read it. */
export class PayloadDecryptionError extends Error {
  readonly code: PayloadDecryptionErrorCode;
  /** Key id that the payload names; undefined where it names none. */
  readonly keyId: string | undefined;
  constructor(code: PayloadDecryptionErrorCode, message: string, keyId?: string, options?: ErrorOptions) {
    super(`payload refused: ${message}`, options);
    this.name = 'PayloadDecryptionError';
    this.code = code;
    this.keyId = keyId;
  }
}
