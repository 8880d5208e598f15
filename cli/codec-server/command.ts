/** `topcalls-webhooks codec-server`: decrypts runs in the Web UI and for `temporal`, for people with its token. */
import { Command, InvalidArgumentError } from 'commander';
import type { Terminal } from '../process/terminal.ts';
import type { CodecServerOptions } from './run.ts';
import { parseUrl } from '../../contract/parse-url.ts';

const HELP = `
Environment:
  TOPCALLS_CODEC_TOKEN            required; with it every run can be read; 32 characters or more (openssl rand -hex 32)
  TOPCALLS_ENCRYPTION_KEYS_FILE   the worker's keys; or TOPCALLS_ENCRYPTION_KEYS

Web UI: open the codec server's own address once and log in with the token. Then set this address as the codec server,
and "Include cross-origin credentials". Both must be one site: the same host name, or sub-domains of one domain.
temporal: export TEMPORAL_CODEC_ENDPOINT=http://127.0.0.1:8081 TEMPORAL_CODEC_AUTH="Bearer $TOPCALLS_CODEC_TOKEN"

By default it listens on loopback and speaks http. Anywhere else put TLS in front of it. See docs/encryption.md.

Examples:
  $ topcalls-webhooks codec-server --origin http://127.0.0.1:8233
  $ topcalls-webhooks codec-server --origin https://temporal.example.com --namespace prod --host 0.0.0.0 \\
      --tls-cert /run/tls/cert.pem --tls-key /run/tls/key.pem

Exit codes: 0 stopped by a signal, 1 cannot listen, 2 wrong arguments or environment.`;

/** The command; `ended` gets its exit code. */
export function codecServerCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('codec-server')
    .description('decrypt for the Web UI and for temporal')
    .requiredOption(
      '--origin <url>',
      'the one web origin that may use it: the Web UI, e.g. https://temporal.example.com',
      readOrigin,
    )
    .option('-n, --namespace <names...>', 'namespaces it serves', ['default'])
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on', readPort, 8081)
    .option('--tls-cert <file>', 'certificate chain (PEM): serves https')
    .option('--tls-key <file>', 'its private key (PEM)')
    .addHelpText('after', HELP)
    .action(async (options: CodecServerOptions) => {
      const { runCodecServer } = await import('./run.ts');
      ended(await runCodecServer(options, terminal));
    });
}

function readOrigin(text: string): string {
  const isOrigin = /^https?:/.test(text) && parseUrl(text)?.origin === text;
  if (!isOrigin) throw new InvalidArgumentError('Give scheme, host and port alone, e.g. http://127.0.0.1:8233');
  return text;
}

/** 0 takes any free port; the start line names it. */
function readPort(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('Give a port, 0 to 65535.');
  return Number(text);
}
