/**
 * Every TOPCALLS_* variable of the worker: one zod schema, and beside it the words for a person who set one wrong.
 * Read by `env.ts` only.
 */
import * as z from 'zod';
import { EgressConfigError, parseEgressOptions } from '../../contract/egress/policy.ts';
import type { EgressOptions } from '../../contract/egress/policy.ts';
import { DEFAULT_TASK_QUEUE } from '../../contract/names.ts';

/** Levels of the worker's log, from all to little. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

const list = z.string().transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''));
const yesOrNo = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
// By pattern and not by z.coerce: Number('0x50'), Number('8e3') and Number(' 80 ') are numbers too.
const port = z
  .string()
  .regex(/^[0-9]{1,5}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(65_535));

// Likewise; what is no number is left to the egress guard to refuse.
const ports = list.transform((entries) => entries.map((entry) => (/^[0-9]{1,5}$/.test(entry) ? Number(entry) : NaN)));

/** The variables, read from text. `undefined` = unset, which also an empty one is. */
export const workerEnvSchema = z.object({
  TOPCALLS_TASK_QUEUE: z.string().max(1_000).default(DEFAULT_TASK_QUEUE),
  TOPCALLS_ARTIFACTS_URL: z.string().refine((text) => text === 'none' || isPlainHttpUrl(text)),
  TOPCALLS_ARTIFACTS_TOKEN: z
    .string()
    .regex(/^[\u0021-\u007e]+$/)
    .optional(),
  // A file and not one variable per reference: references are free text, and variables show in `docker inspect` and /proc.
  TOPCALLS_SECRETS_FILE: z.string().optional(),
  TOPCALLS_ENCRYPTION_KEYS: z.string().optional(),
  TOPCALLS_ENCRYPTION_KEYS_FILE: z.string().optional(),
  TOPCALLS_CHECK_OPEN_RUNS: yesOrNo.default(true),
  TOPCALLS_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  TOPCALLS_DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/)
    .optional(),
  TOPCALLS_EGRESS_ALLOW_HTTP: yesOrNo.optional(),
  TOPCALLS_EGRESS_ALLOW_CIDRS: egress('allowCidrs', list),
  TOPCALLS_EGRESS_DENY_CIDRS: egress('denyCidrs', list),
  TOPCALLS_EGRESS_ALLOW_HOSTS: egress('allowHosts', list),
  TOPCALLS_EGRESS_ALLOWED_PORTS: egress('allowedPorts', ports),
  TOPCALLS_EGRESS_NAT64_PREFIXES: egress('nat64Prefixes', list),
  TOPCALLS_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  TOPCALLS_HEALTH_PORT: port.optional(),
  TOPCALLS_METRICS_ADDRESS: z.string().refine(isBindAddress).optional(),
});

/** Name of one variable. */
export type WorkerVariable = keyof typeof workerEnvSchema.shape;

/** For error messages. `hidden`: what came is never shown. */
export type VariableWords = { readonly allowed: string; readonly fix: string; readonly hidden?: boolean };

const RANGES = 'CIDR ranges with a comma between, e.g. 10.20.0.0/16, no bits set behind the prefix';

/** What each variable takes, and what to do about a bad one. */
export const VARIABLE_WORDS: Readonly<Record<WorkerVariable, VariableWords>> = {
  TOPCALLS_TASK_QUEUE: {
    allowed: 'a task queue name, up to 1000 characters',
    fix: `unset it for ${DEFAULT_TASK_QUEUE}; the call engine's WebhookClient must use the same name`,
  },
  TOPCALLS_ARTIFACTS_URL: {
    allowed: "the http(s) base URL of your calls API without credentials, query or fragment, or the word 'none'",
    fix: "set it, e.g. https://calls.internal/api; with 'none' bodies carry no recording, transcript or summary",
    // Someone may have put a token into it.
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
    allowed: 'the path of a JSON file of the form that TOPCALLS_ENCRYPTION_KEYS has',
    fix: 'correct the path; unset it for no encryption',
  },
  TOPCALLS_CHECK_OPEN_RUNS: {
    allowed: 'true, false, 1 or 0',
    fix: 'unset it; false starts a worker although it cannot read the open runs of its task queue',
  },
  TOPCALLS_DATABASE_URL: {
    allowed: 'postgres://user:password@host:5432/database',
    fix: 'unset it for no delivery log',
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
    allowed: 'host names with a comma between, no wildcards',
    fix: 'leave out scheme and port',
  },
  TOPCALLS_EGRESS_ALLOWED_PORTS: {
    allowed: 'whole numbers 1–65535 with a comma between',
    fix: 'list the ports, e.g. 443,8443',
  },
  TOPCALLS_EGRESS_NAT64_PREFIXES: {
    allowed: 'IPv6 prefixes of /32, /40, /48, /56, /64 or /96 with a comma between',
    fix: 'use the prefix of your NAT64 gateway, e.g. 64:ff9b::/96',
  },
  TOPCALLS_LOG_LEVEL: { allowed: LOG_LEVELS.join(', '), fix: 'unset it for info' },
  TOPCALLS_HEALTH_PORT: { allowed: 'a whole number 1–65535', fix: 'unset it for no health endpoint' },
  TOPCALLS_METRICS_ADDRESS: {
    allowed: 'an IP address and a port to listen on, e.g. 0.0.0.0:9464 or [::]:9464',
    fix: 'unset it for no Prometheus endpoint',
  },
};

/** The option is judged where it is defined, so that the worker and this door cannot disagree. */
function egress<S extends z.ZodType>(option: keyof EgressOptions, value: S) {
  return value.optional().superRefine((parsed, context) => {
    try {
      parseEgressOptions({ [option]: parsed });
    } catch (error) {
      if (!(error instanceof EgressConfigError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });
}

function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === '';
}

function isBindAddress(text: string): boolean {
  const [, , portText = ''] = /^(\[[0-9a-f:.]+\]|[0-9.]+):([0-9]{1,5})$/i.exec(text) ?? [];
  return Number(portText) >= 1 && Number(portText) <= 65_535 && URL.canParse(`http://${text}`);
}
