/** Door ./adapters: ready-made ports. Loads undici; no Temporal. */
export { HttpArtifactSource } from './http-artifact-source.ts';
export { MemoryArtifactSource, MemoryDeliveryLog } from './memory.ts';
export { StaticSecrets, StaticSecretsError } from './static-secrets.ts';
export type { StaticSecretsRecord } from './static-secrets.ts';
