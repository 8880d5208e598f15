/** Runs `codec-server` from environment to exit code. It checks everything before it listens. */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { encryptionCodec } from '../../codec/index.ts';
import { CodecAccess, MIN_TOKEN_CHARACTERS } from './access.ts';
import { codecListener } from './http.ts';
import { readEncryptionKeys } from '../environment/encryption-keys.ts';
import { EnvError } from '../environment/env-error.ts';
import { EXIT, type ExitCode, usageError } from '../process/exit.ts';
import { catchInterrupts } from '../process/interrupts.ts';
import { listen, type Listening } from '../process/listen.ts';
import type { Env } from '../../temporal-server/env.ts';
import type { Terminal } from '../process/terminal.ts';

/** Options of `codec-server`. */
export type CodecServerOptions = {
  readonly origin: string;
  readonly namespace: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
};

/** Serves until a signal. Rejects with EnvError or CliError, before it listens. */
export async function runCodecServer(options: CodecServerOptions, terminal: Terminal): Promise<ExitCode> {
  const { origin, namespace: namespaces, host, port } = options;
  const token = readToken(terminal.env);
  const encryption = readEncryptionKeys(terminal.env);
  if (encryption === undefined) {
    const fix = 'give it the keys that the worker has';
    throw envError('TOPCALLS_ENCRYPTION_KEYS_FILE', 'nothing', 'the path of a file of keys, see generate-key', fix);
  }
  const tls = readTls(options);
  const listener = codecListener({
    // Plain payloads are shown as they are: they need no key, and a namespace that moves to encryption has both.
    codec: encryptionCodec({ ...encryption.options, acceptPlain: true }),
    access: new CodecAccess({ token, origin, isSecure: tls !== undefined || origin.startsWith('https:') }),
    origin,
    namespaces,
    log: (line) => terminal.say(terminal.colors.dim(line)),
  });
  const timeouts = { headersTimeout: 5_000, requestTimeout: 30_000 };
  const server: Server =
    tls === undefined ? createHttpServer(timeouts, listener) : createHttpsServer({ ...tls, ...timeouts }, listener);
  const interrupts = catchInterrupts();
  let listening: Listening | undefined;
  try {
    listening = await listen(
      server,
      // Each request that waits for its turn has a connection, and one holder may have 256 of them.
      { host, port, connections: 2_048 },
      {
        code: 'codec_port',
        words: (reason) => `cannot listen on ${host} port ${port} (${reason}); choose another with --host or --port`,
      },
    );
    const shownHost = host.includes(':') ? `[${host}]` : host;
    const address = `${tls === undefined ? 'http' : 'https'}://${shownHost}:${listening.port}`;
    const served = `the Web UI at ${origin}, namespaces ${namespaces.join(', ')}`;
    terminal.say(`codec server: ${address} (log in there) for ${served}`);
    if (tls === undefined && !isLoopback(host)) {
      const problem = `${host} is reachable from other machines, and this is plain http`;
      const fix = 'Put TLS in front of it, or use --tls-cert and --tls-key.';
      const warning = `warning: ${problem}: token and plain text cross the network in the clear. ${fix}`;
      terminal.say(terminal.colors.yellow(warning));
    }
    await interrupts.interrupted;
    return EXIT.ok;
  } finally {
    interrupts.release();
    await listening?.close();
  }
}

function readToken(env: Env): string {
  const token = env['TOPCALLS_CODEC_TOKEN'] ?? '';
  if (/^[!-~]+$/.test(token) && token.length >= MIN_TOKEN_CHARACTERS) return token;
  const received = token === '' ? 'nothing' : `${token.length} characters that are not shown here`;
  const allowed = `at least ${MIN_TOKEN_CHARACTERS} visible ASCII characters, no spaces`;
  throw envError('TOPCALLS_CODEC_TOKEN', received, allowed, 'make one: openssl rand -hex 32');
}

function readTls({ tlsCert, tlsKey }: CodecServerOptions): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw usageError('--tls-cert and --tls-key belong together: give both or neither');
  }
  const read = (option: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      const reason = (error as { code?: string }).code ?? 'unknown';
      throw usageError(`${option}: ${path} cannot be read (${reason})`, { cause: error });
    }
  };
  return { cert: read('--tls-cert', tlsCert), key: read('--tls-key', tlsKey) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function envError(variable: string, received: string, allowed: string, fix: string): EnvError {
  return new EnvError([{ variable, received, allowed, fix }]);
}
