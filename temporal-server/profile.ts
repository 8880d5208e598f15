/**
 * How the CLI reaches a Temporal server: the TEMPORAL_* variables and profiles that every Temporal tool reads. Used by
 * the finder, the worker's start and the tests.
 */
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { ClientConfigTLS, ClientConnectConfig } from '@temporalio/envconfig';
import { type Env, filled } from './env.ts';

/** Options for `Connection.connect` and `NativeConnection.connect`; `address` is undefined when no server is named. */
export type TemporalConnectionOptions = ClientConnectConfig['connectionOptions'];

/** Where every Temporal tool looks when no server is named. */
export const LOCAL_TEMPORAL = '127.0.0.1:7233';

/** What the environment and the profile file say about the server. */
export type TemporalProfile = {
  /** `host:port`; undefined when no server is named. */
  readonly address: string | undefined;
  /** `default` unless named. */
  readonly namespace: string;
  readonly connection: TemporalConnectionOptions;
};

/** Reads TEMPORAL_* and the profile file: `TEMPORAL_PROFILE` in `TEMPORAL_CONFIG_FILE`, else the `default` profile of
 *  the user's `temporalio/temporal.toml`. Throws what `@temporalio/envconfig` throws for an unreadable file or an
 *  unknown profile. */
export function readTemporalProfile(env: Env): TemporalProfile {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => filled(entry[1]) !== undefined),
  );
  const configFile = overrideEnvVars['TEMPORAL_CONFIG_FILE'];
  const profile = loadClientConfigProfile(
    configFile === undefined ? { overrideEnvVars } : { overrideEnvVars, configSource: { path: configFile } },
  );
  refuseHalfAPair(profile.tls);
  const { connectionOptions, namespace } = toClientOptions(profile);
  return { address: connectionOptions.address, namespace: namespace ?? 'default', connection: connectionOptions };
}

/** The SDK ignores a certificate without its key, and the server then says only that the handshake failed. */
function refuseHalfAPair({ clientCert, clientKey }: ClientConfigTLS = {}): void {
  if ((clientCert === undefined) === (clientKey === undefined)) return;
  const missing = clientCert === undefined ? 'the certificate' : 'the key';
  const pair = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (or …_DATA)';
  throw new Error(`${pair} belong together, and ${missing} is missing`);
}

/** Why `readTemporalProfile` threw. Only the first line: below it the TOML parser quotes the file, API keys too. */
export function whyUnreadable(error: unknown): string {
  return (error as Error).message.split('\n')[0] ?? '';
}

/** What to do about settings that cannot be read. */
export const PROFILE_FIX = 'check TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and the TEMPORAL_TLS_* files';

/** Whether a connection is encrypted. With an API key the SDK uses TLS by itself. */
export function isTls({ tls, apiKey }: TemporalConnectionOptions): boolean {
  return tls === undefined || tls === null ? apiKey !== undefined : tls !== false;
}
