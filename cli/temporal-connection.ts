/**
 * How the CLI reaches a Temporal server: the TEMPORAL_* variables and profiles every Temporal tool reads, and the question
 * whether a server answers. Used by the finder, the worker's start and the tests.
 */
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { Env } from './run-command.ts';

/** Options that both `Connection.connect` and `NativeConnection.connect` take; `address` is undefined when none is named. */
export type TemporalConnectionOptions = ClientConnectConfig['connectionOptions'];

/** What the environment and the profile file say about the server. */
export type TemporalProfile = {
  /** `host:port`, or undefined: nobody named one. */
  readonly address: string | undefined;
  /** `default` unless named. */
  readonly namespace: string;
  readonly connection: TemporalConnectionOptions;
};

/** Reads TEMPORAL_* and the profile file (`TEMPORAL_PROFILE` in `TEMPORAL_CONFIG_FILE`, else the `default` profile of the
 *  user's `temporalio/temporal.toml`). Throws what `@temporalio/envconfig` throws: an unreadable file, an unknown profile. */
export function readTemporalProfile(env: Env): TemporalProfile {
  // An empty variable is an unset one: shells and compose files cannot tell the two apart.
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
  const configFile = overrideEnvVars['TEMPORAL_CONFIG_FILE'];
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars,
    ...(configFile === undefined ? {} : { configSource: { path: configFile } }),
  });
  return { address: connectionOptions.address, namespace: namespace ?? 'default', connection: connectionOptions };
}

/** Asks the server for the namespace. Undefined = it answers and is ready; else the reason in words. Never rejects. */
export async function whyUnreachable(
  options: TemporalConnectionOptions,
  namespace: string,
  timeoutMs: number,
): Promise<string | undefined> {
  let connection: Connection | undefined;
  try {
    const opened = await Connection.connect({ ...options, connectTimeout: timeoutMs });
    connection = opened;
    await opened.withDeadline(Date.now() + timeoutMs, () => opened.workflowService.describeNamespace({ namespace }));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await connection?.close();
  }
}

/** gRPC writes its own address dump into messages; the deepest cause says it shortest. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = (error as { details?: unknown }).details;
  return typeof details === 'string' && details !== '' ? details : error.message;
}
