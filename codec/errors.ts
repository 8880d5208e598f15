/** Errors of the codec: one class per cause, with a stable `code`. Messages name key ids, never a key or a payload. */

/** What is wrong with the options. `no_active_key`: `keys` has no `activeKeyId`. `bad_key`: a key is not 32 bytes.
 *  `bad_key_id`: an id does not match `[A-Za-z0-9._:-]{1,64}`. `bad_options`: an option is unknown, or of another
 *  type. */
export type EncryptionConfigErrorCode = 'no_active_key' | 'bad_key' | 'bad_key_id' | 'bad_options';

/** The keys cannot be used. Thrown when the converter is made, so before anything is sent or polled. */
export class EncryptionConfigError extends Error {
  readonly code: EncryptionConfigErrorCode;
  constructor(code: EncryptionConfigErrorCode, message: string) {
    super(`encryption keys: ${message}`);
    this.name = 'EncryptionConfigError';
    this.code = code;
  }
}

/** Why a payload cannot be decrypted. `unknown_key`: its key is not in `keys`. `tampered`: it was changed, or another
 *  key has the same id. `plain_payload`: it is not encrypted, and `acceptPlain` is off. `unknown_format`: other
 *  software or a later version encrypted it. */
export type PayloadDecryptionErrorCode = 'unknown_key' | 'tampered' | 'plain_payload' | 'unknown_format';

/** A payload was refused, and nothing of it was passed on. A workflow task then fails, visibly, and the run waits
 *  until a worker comes that can read the payload. */
export class PayloadDecryptionError extends Error {
  readonly code: PayloadDecryptionErrorCode;
  /** The key id that the payload names. Undefined if it names none. */
  readonly keyId: string | undefined;
  constructor(code: PayloadDecryptionErrorCode, message: string, keyId?: string, options?: ErrorOptions) {
    super(`payload refused: ${message}`, options);
    this.name = 'PayloadDecryptionError';
    this.code = code;
    this.keyId = keyId;
  }
}
