/** Every TOPCALLS_* variable of the worker, in words for a person who set one wrong. What each takes:
 *  worker-schema.ts. */
import { MAX_LABELLED_ENDPOINTS } from '../../activities/metrics/metric-table.ts';
import { DEFAULT_TASK_QUEUE } from '../../contract/server-names.ts';
import { VERSION } from '../../contract/version.ts';

/** Levels of the worker's log, from most lines to fewest. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** How messages between worker and server are compressed. */
export const GRPC_COMPRESSIONS = ['none', 'gzip'] as const;
export type GrpcCompression = (typeof GRPC_COMPRESSIONS)[number];

/** Ports that can be required for readiness. */
export const REQUIRED_PORTS = ['artifacts', 'secrets', 'log'] as const;
export type RequiredPort = (typeof REQUIRED_PORTS)[number];

/** For error messages. `hidden`: the value is never shown. */
export type VariableWords = { readonly allowed: string; readonly fix: string; readonly hidden?: boolean };

const RANGES = 'CIDR ranges with commas between, e.g. 10.20.0.0/16, with no bits set after the prefix';

/** What each variable takes, and what to do about a bad value. */
export const VARIABLE_WORDS = {
  TOPCALLS_TASK_QUEUE: {
    allowed: 'a task queue name, up to 1000 characters',
    fix: `unset it for ${DEFAULT_TASK_QUEUE}; the call engine's WebhookClient must use the same name`,
  },
  TOPCALLS_DEPLOYMENT_NAME: {
    allowed: 'the name of a worker deployment: letters, digits, _ and -, up to 100 characters, no dot or colon',
    fix: 'unset it and TOPCALLS_BUILD_ID for workers without versions; see docs/upgrade.md',
  },
  TOPCALLS_BUILD_ID: {
    allowed: 'what tells this build from others: letters, digits and . _ + -, up to 100 characters',
    fix: `unset it for ${VERSION}, the version of this package`,
  },
  TOPCALLS_GRPC_COMPRESSION: {
    allowed: GRPC_COMPRESSIONS.join(', '),
    fix: 'unset it for gzip over TLS and none without',
  },
  TOPCALLS_ARTIFACTS_URL: {
    allowed: "the http(s) base URL of your calls API without credentials, query or fragment, or the word 'none'",
    fix: "set it, e.g. https://calls.internal/api; with 'none' bodies carry no recording, transcript or summary",
    // It may hold a token.
    hidden: true,
  },
  TOPCALLS_ARTIFACTS_TOKEN: {
    allowed: 'a bearer token: visible ASCII, no spaces or line breaks',
    fix: "set the token alone, without the word 'Bearer' and without a line break at its end",
    hidden: true,
  },
  TOPCALLS_SECRETS_FILE: {
    allowed: 'the path of a JSON file: { "reference": "secret" | { "current": …, "previous": […] } }',
    fix: 'correct the path',
  },
  TOPCALLS_ENCRYPTION_KEYS: {
    allowed: 'JSON: { "activeKeyId": "k1", "keys": { "k1": "…44 characters of base64…" }, "acceptPlain"?: true }',
    fix: 'make one with topcalls-webhooks generate-key; unset it for no encryption',
    hidden: true,
  },
  TOPCALLS_ENCRYPTION_KEYS_FILE: {
    allowed: 'the path of a JSON file with the same content as TOPCALLS_ENCRYPTION_KEYS',
    fix: 'correct the path; unset it for no encryption',
  },
  TOPCALLS_STORAGE_MODULE: {
    allowed:
      'the path or package of a module that exports { drivers, driverSelector?, payloadSizeThreshold? }, ' +
      'or a function that makes it',
    fix: 'correct it, as docs/big-bodies.md shows; unset it where no payload is stored outside of Temporal',
  },
  TOPCALLS_CHECK_OPEN_RUNS: {
    allowed: 'true, false, 1 or 0',
    fix: 'unset it; false starts a worker that cannot read the open runs of its task queue',
  },
  TOPCALLS_DATABASE_URL: {
    allowed: "postgres://user:password@host:5432/database of the delivery log, or the word 'none'",
    fix: "name the database; with 'none' outcomes are in Temporal only, and end with its retention",
    hidden: true,
  },
  TOPCALLS_DATABASE_SCHEMA: {
    allowed: 'a schema name: a-z, 0-9 and _, up to 63 characters',
    fix: 'unset it for topcalls_webhooks',
  },
  TOPCALLS_EGRESS_ALLOW_HTTP: {
    allowed: 'true, false, 1 or 0',
    fix: 'unset it for https only; true sends bodies in the clear',
  },
  TOPCALLS_EGRESS_ALLOW_CIDRS: {
    allowed: `${RANGES}; at least /8 (IPv4) or /16 (IPv6)`,
    fix: 'name only the networks that customers’ webhooks may reach',
  },
  TOPCALLS_EGRESS_DENY_CIDRS: { allowed: RANGES, fix: 'one address is /32 (IPv4) or /128 (IPv6)' },
  TOPCALLS_EGRESS_ALLOW_HOSTS: {
    allowed: 'host names with commas between, no wildcards',
    fix: 'leave out scheme and port',
  },
  TOPCALLS_EGRESS_ALLOWED_PORTS: {
    allowed: 'whole numbers 1–65535 with commas between',
    fix: 'list the ports, e.g. 443,8443',
  },
  TOPCALLS_EGRESS_NAT64_PREFIXES: {
    allowed: 'IPv6 prefixes of /32, /40, /48, /56, /64 or /96 with commas between',
    fix: 'use the prefix of your NAT64 gateway, e.g. 64:ff9b::/96',
  },
  TOPCALLS_NOTIFY_URL: {
    allowed: "an http(s) URL of yours without credentials, or the word 'log'",
    fix: 'unset it to tell nobody of failing deliveries; see docs/embed.md',
    hidden: true,
  },
  TOPCALLS_NOTIFY_SECRET_REF: {
    allowed: 'a reference in TOPCALLS_SECRETS_FILE, up to 1024 characters',
    fix: 'unset it for an unsigned POST',
    hidden: true,
  },
  TOPCALLS_LOG_LEVEL: { allowed: LOG_LEVELS.join(', '), fix: 'unset it for info' },
  TOPCALLS_HEALTH_PORT: { allowed: 'a whole number 1–65535', fix: 'unset it for no health endpoint' },
  TOPCALLS_READY_REQUIRES: {
    allowed: `${REQUIRED_PORTS.join(', ')}, with commas between; only what this worker has`,
    fix: 'name the ports without which /readyz is 503; unset it for none',
  },
  TOPCALLS_METRICS_ADDRESS: {
    allowed: 'an IP address and a port to listen on, e.g. 0.0.0.0:9464 or [::]:9464',
    fix: 'unset it for no Prometheus endpoint',
  },
  TOPCALLS_METRICS_ENDPOINTS: {
    allowed: `a whole number 0–${MAX_LABELLED_ENDPOINTS}`,
    fix: 'unset it for 0: no metric then names an endpoint',
  },
} as const satisfies Readonly<Record<string, VariableWords>>;

/** Name of one variable. */
export type WorkerVariable = keyof typeof VARIABLE_WORDS;
