/** `topcalls-webhooks worker`: the stand-alone worker, configured by environment variables alone. */
import { Command } from 'commander';
import { EXIT } from '../process/exit.ts';
import { leaveOnInterrupt } from '../process/interrupts.ts';
import type { Terminal } from '../process/terminal.ts';

const HELP = `
Temporal, as every Temporal tool reads it:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*, TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE

Ours:
  TOPCALLS_ARTIFACTS_URL        base URL of your calls API: GET <url>/calls/<id>; or 'none'. Required
  TOPCALLS_ARTIFACTS_TOKEN      bearer token for it
  TOPCALLS_SECRETS_FILE         JSON file { "<secret_ref>": "whsec_…" }, or { "current": …, "previous": […] } for a
                                rotation; read again within 2 s of a change
  TOPCALLS_ENCRYPTION_KEYS_FILE JSON file of encryption keys, see generate-key; default: payloads are not encrypted
  TOPCALLS_ENCRYPTION_KEYS      the same JSON itself
  TOPCALLS_CHECK_OPEN_RUNS      default true: no start when the worker cannot read the open runs of its task queue
  TOPCALLS_DATABASE_URL         postgres://… of the delivery log (needs pg and kysely); default: none
  TOPCALLS_DATABASE_SCHEMA      default topcalls_webhooks
  TOPCALLS_TASK_QUEUE           default topcalls-webhooks
  TOPCALLS_HEALTH_PORT          serves /healthz and /readyz; default: none
  TOPCALLS_METRICS_ADDRESS      serves Prometheus metrics, e.g. 0.0.0.0:9464; default: none
  TOPCALLS_LOG_LEVEL            trace, debug, info (default), warn, error; JSON lines on stdout
  TOPCALLS_EGRESS_ALLOW_HTTP, _ALLOW_CIDRS, _DENY_CIDRS, _ALLOW_HOSTS, _ALLOWED_PORTS, _NAT64_PREFIXES

SIGTERM or SIGINT: /readyz answers 503, polling stops, attempts in flight end (at most 25 s), exit code 0.

Example:
  $ TEMPORAL_ADDRESS=temporal:7233 TOPCALLS_ARTIFACTS_URL=https://calls.internal/api \\
    TOPCALLS_SECRETS_FILE=/run/secrets/webhooks.json TOPCALLS_HEALTH_PORT=8080 topcalls-webhooks worker`;

/** The command; `ended` gets its exit code. */
export function workerCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('worker')
    .description('run a worker, configured by TEMPORAL_* and TOPCALLS_*')
    .addHelpText('after', HELP)
    .action(async () => {
      const stopLeaving = leaveOnInterrupt(EXIT.ok);
      const { runWorker } = await import('./run.ts');
      ended(await runWorker(terminal.env, stopLeaving));
    });
}
