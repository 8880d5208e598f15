/** Door ./codec: encryption for client and worker. It loads node:crypto and @temporalio/common. */
export { encryptedDataConverter } from './encrypted-data-converter.ts';
export { encryptionCodec } from './encryption-codec.ts';
export { generateEncryptionKey } from './encryption-keys.ts';
export type { EncryptionOptions } from './encryption-keys.ts';
export { EncryptionConfigError, PayloadDecryptionError } from './errors.ts';
export type { EncryptionConfigErrorCode, PayloadDecryptionErrorCode } from './errors.ts';
