/**
 * Finds a Temporal server for `dev`, `demo`, bench and the tests, or starts one. A server that a person names is used
 * or refused, never quietly replaced. Without a name the cheapest place comes first. When nothing helps, one error
 * lists every step that was tried.
 */
import { request } from 'undici';
import { someoneListens } from './ports.ts';
import { ServerStartError, startServerProcess } from './server-process.ts';
import type { SearchAttributeTypes, ServerProcess } from './server-process.ts';
import type { Env } from './env.ts';
import { temporalBinaries } from './programs.ts';
import type { Tried } from './programs.ts';
import { whyUnreachable } from './open-server.ts';
import { LOCAL_TEMPORAL, readTemporalProfile } from './profile.ts';
import type { TemporalConnectionOptions, TemporalProfile } from './profile.ts';

/** What to find or start. */
export type FindOptions = {
  readonly env: Env;
  /** Gets one line for each thing that is waited for; a download takes a while. Default: the lines are dropped. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Whether a running server may be used (TEMPORAL_ADDRESS, a profile, 127.0.0.1:7233). Default true. */
  readonly reuse?: boolean | undefined;
  /** Where to look when no server is named. Default 127.0.0.1:7233, the port every Temporal tool assumes. */
  readonly localAddress?: string | undefined;
  /** Web UI of a started server. Default false. */
  readonly ui?: boolean | undefined;
  /** Ports of a started server. Default: free ones. */
  readonly port?: number | undefined;
  readonly uiPort?: number | undefined;
  /** Registered when a server is started. A server that runs already stays as it is (see search-attributes.ts). */
  readonly searchAttributes?: SearchAttributeTypes | undefined;
  /** SQLite file of a started server. Default: in memory. */
  readonly dbFile?: string | undefined;
  /** Further arguments of `temporal server start-dev`. */
  readonly args?: readonly string[] | undefined;
};

/** A server that answers. */
export type FoundTemporal = {
  readonly address: string;
  readonly namespace: string;
  /** For `Connection.connect` and `NativeConnection.connect`: the address, and a profile's TLS, key and headers. */
  readonly connection: TemporalConnectionOptions;
  /** Undefined when no Web UI is known. */
  readonly webUiUrl: string | undefined;
  /** The `temporal` program that runs the server; undefined for a server that ran before. */
  readonly cliPath: string | undefined;
  /** Whether we started it. */
  readonly started: boolean;
  /** A few words for the person at the terminal: which server this is and where it came from. */
  readonly how: string;
  /** Stops a server that we started; leaves any other running. */
  stop(): Promise<void>;
};

/** No server was found and none could be started. `tried` has each step with its reason and its fix. */
export class TemporalNotFoundError extends Error {
  readonly code = 'TEMPORAL_NOT_FOUND';
  readonly tried: readonly Tried[];
  constructor(tried: readonly Tried[]) {
    const steps = tried.map(({ what, reason, fix }) => `  - ${what}: ${reason}\n      → ${fix}`);
    super(`No Temporal server found, and none could be started. Tried, in this order:\n${steps.join('\n')}`);
    this.name = 'TemporalNotFoundError';
    this.tried = tried;
  }
}

/** Finds or starts a server, in this order: named → local → started with a program from `temporalBinaries`.
 *  Rejects with TemporalNotFoundError; for an unreadable profile with what `@temporalio/envconfig` throws. */
export async function findOrStartTemporal(options: FindOptions): Promise<FoundTemporal> {
  const tried: Tried[] = [];
  const onProgress = options.onProgress ?? (() => {});
  if (options.reuse !== false) {
    const profile = readTemporalProfile(options.env);
    const running = await findRunning(profile, options.localAddress ?? LOCAL_TEMPORAL, tried);
    if (running !== undefined) return running;
  }
  for await (const { path, how } of temporalBinaries({ env: options.env, onProgress, tried })) {
    onProgress(`starting a Temporal development server with ${how}`);
    try {
      return started(await startTwice(path, options, onProgress), path, how);
    } catch (error) {
      if (!(error instanceof ServerStartError)) throw error;
      tried.push({ what: `server start with ${how}`, reason: error.reason, fix: 'update this program or remove it' });
    }
  }
  throw new TemporalNotFoundError(tried);
}

async function findRunning(
  profile: TemporalProfile,
  localAddress: string,
  tried: Tried[],
): Promise<FoundTemporal | undefined> {
  const { address, namespace, connection } = profile;
  if (address !== undefined) {
    const reason = await whyUnreachable(connection, namespace);
    if (reason === undefined) {
      return existing(address, profile, undefined, 'the server that TEMPORAL_ADDRESS or a Temporal profile names');
    }
    const what = `${address}, namespace ${namespace} (named by TEMPORAL_ADDRESS or a Temporal profile)`;
    throw new TemporalNotFoundError([{ what, reason, fix: 'start it, correct the address or namespace, or unset it' }]);
  }
  const reason = (await someoneListens(localAddress))
    ? await whyUnreachable({ address: localAddress }, namespace)
    : 'nobody listens there';
  if (reason === undefined) {
    return existing(localAddress, profile, await webUiBeside(localAddress), 'the server that runs on this machine');
  }
  tried.push({ what: localAddress, reason, fix: 'temporal server start-dev, or set TEMPORAL_ADDRESS' });
  return undefined;
}

function existing(address: string, profile: TemporalProfile, webUiUrl: string | undefined, how: string): FoundTemporal {
  const connection = { ...profile.connection, address };
  return {
    address,
    namespace: profile.namespace,
    connection,
    webUiUrl,
    how,
    cliPath: undefined,
    started: false,
    stop: async () => {},
  };
}

function started(server: ServerProcess, cliPath: string, how: string): FoundTemporal {
  const { address, namespace, webUiUrl } = server;
  return {
    address,
    namespace,
    connection: { address },
    webUiUrl,
    cliPath,
    started: true,
    how,
    stop: () => server.stop(),
  };
}

/** Tries twice: another process can take the free port in between, and a cold machine can miss the first window. */
async function startTwice(
  binary: string,
  options: FindOptions,
  onProgress: (line: string) => void,
): Promise<ServerProcess> {
  const { env, port, ui, uiPort, searchAttributes, dbFile, args } = options;
  const namespace = options.reuse === false ? 'default' : readTemporalProfile(env).namespace;
  const start = () => startServerProcess({ binary, env, port, ui, uiPort, namespace, searchAttributes, dbFile, args });
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ServerStartError)) throw error;
    onProgress(`${error.reason}; starting once more`);
    return await start();
  }
}

/** The development server's own default: UI port = gRPC port + 1000. */
async function webUiBeside(address: string): Promise<string | undefined> {
  const { hostname, port } = new URL(`http://${address}`);
  const url = `http://${hostname}:${Number(port) + 1000}`;
  try {
    const { statusCode, body } = await request(url, { headersTimeout: 1_000, bodyTimeout: 1_000 });
    await body.dump();
    return statusCode < 500 ? url : undefined;
  } catch {
    return undefined;
  }
}
