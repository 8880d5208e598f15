/** `topcalls-webhooks worker`: the stand-alone worker, configured by environment variables alone. */
import { Command } from 'commander';
import { EXIT } from '../process/exit.ts';
import { leaveOnInterrupt } from '../process/interrupts.ts';
import type { Terminal } from '../process/terminal.ts';

const HELP = `
Temporal, as every Temporal tool reads it:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*, TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE

Ours:
  TOPCALLS_GRPC_COMPRESSION     none or gzip, between worker and Temporal; default: gzip over TLS, else none
  TOPCALLS_ARTIFACTS_URL        base URL of your calls API: GET <url>/calls/<id>; or 'none'. Required
  TOPCALLS_ARTIFACTS_TOKEN      bearer token for it
  TOPCALLS_SECRETS_FILE         JSON file { "<secret_ref>": "whsec_…" }, or { "current": …, "previous": […] } for a
                                rotation; read again within 2 s of a change
  TOPCALLS_ENCRYPTION_KEYS_FILE JSON file of encryption keys, see generate-key; default: payloads are not encrypted
  TOPCALLS_ENCRYPTION_KEYS      the same JSON itself
  TOPCALLS_STORAGE_MODULE       module with your drivers of external storage for big bodies; default: none
  TOPCALLS_CHECK_OPEN_RUNS      default true: no start when the worker cannot read the open runs of its task queue
  TOPCALLS_DATABASE_URL         postgres://… of the delivery log (needs pg and kysely); or 'none'. Required
  TOPCALLS_DATABASE_SCHEMA      default topcalls_webhooks
  TOPCALLS_TASK_QUEUE           default topcalls-webhooks
  TOPCALLS_DEPLOYMENT_NAME      runs begun on a version of this deployment end on it; default: no versions
  TOPCALLS_BUILD_ID             the version in it; default: the version of this package. Nothing runs until it is made
                                current: the worker says how
  TOPCALLS_HEALTH_PORT          serves /healthz and /readyz; default: none
  TOPCALLS_READY_REQUIRES       ports without which /readyz is 503: artifacts, secrets, log; default: none
  TOPCALLS_METRICS_ADDRESS      serves Prometheus metrics, e.g. 0.0.0.0:9464; default: none
  TOPCALLS_METRICS_ENDPOINTS    how many endpoints get a label of their own in them, 0 (default) to 20
  TOPCALLS_NOTIFY_URL           is told of failing deliveries: an http(s) URL of yours; or 'log'; default: nobody is
  TOPCALLS_NOTIFY_SECRET_REF    signs these POSTs: a reference in the secrets file; default: they are not signed
  TOPCALLS_LOG_LEVEL            trace, debug, info (default), warn, error; JSON lines on stdout
  TOPCALLS_EGRESS_ALLOW_HTTP, _ALLOW_CIDRS, _DENY_CIDRS, _ALLOW_HOSTS, _ALLOWED_PORTS, _NAT64_PREFIXES

SIGTERM or SIGINT: /readyz answers 503, polling stops, attempts in flight end (at most 25 s), exit code 0.

/readyz also answers 503 while Temporal has been silent for 30 s, or has seen no poll of any worker of the task queue
for 90 s. Its body says why.

--check looks at environment, secrets file, encryption keys, server, namespace, search attributes, version, database,
schema and the secret of TOPCALLS_NOTIFY_SECRET_REF. It prints a line for each, polls nothing and changes nothing.

Exit codes: 0 stopped by a signal, or every check passed, 1 failed, 2 wrong environment, secrets file or keys, 3 no
Temporal server (--check: or no PostgreSQL server).

Examples:
  $ topcalls-webhooks worker --check
  $ TEMPORAL_ADDRESS=temporal:7233 TOPCALLS_ARTIFACTS_URL=https://calls.internal/api \\
    TOPCALLS_DATABASE_URL=postgres://webhooks@db.internal/webhooks \\
    TOPCALLS_SECRETS_FILE=/run/secrets/webhooks.json TOPCALLS_HEALTH_PORT=8080 topcalls-webhooks worker`;

/** The command; `ended` gets its exit code. */
export function workerCommand(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('worker')
    .description('run a worker, configured by TEMPORAL_* and TOPCALLS_*')
    .option('--check', 'check everything that it needs, and exit without polling', false)
    .addHelpText('after', HELP)
    .action(async ({ check }: { readonly check: boolean }) => {
      if (check) {
        const stop = leaveOnInterrupt(EXIT.interrupted);
        const { checkWorker } = await import('./check.ts');
        ended(await checkWorker(terminal));
        return stop();
      }
      const stopLeaving = leaveOnInterrupt(EXIT.ok);
      const { runWorker } = await import('./run.ts');
      ended(await runWorker(terminal.env, stopLeaving));
    });
}
