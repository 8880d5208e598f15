/** Every TOPCALLS_* variable of the worker as one zod schema. Read by worker-config.ts only; the words for people are
 *  in worker-variables.ts. */
import * as z from 'zod';
import { MAX_LABELLED_ENDPOINTS } from '../../activities/metrics/metric-table.ts';
import { EgressConfigError, parseEgressOptions, type EgressOptions } from '../../contract/egress/policy.ts';
import { notifyUrlProblem } from '../../activities/notify-endpoint.ts';
import { MAX_TEXT_LENGTH } from '../../contract/limits.ts';
import { DEFAULT_TASK_QUEUE } from '../../contract/server-names.ts';
import { GRPC_COMPRESSIONS, LOG_LEVELS, REQUIRED_PORTS, type WorkerVariable } from './worker-variables.ts';
import { parseUrl } from '../../contract/parse-url.ts';

const list = z.string().transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''));
const yesOrNo = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
// By pattern and not by z.coerce, because Number('0x50'), Number('8e3') and Number(' 80 ') are numbers, too.
const port = z
  .string()
  .regex(/^[0-9]{1,5}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(65_535));

// By pattern likewise. The egress guard refuses what is no number.
const ports = list.transform((entries) => entries.map((entry) => (/^[0-9]{1,5}$/.test(entry) ? Number(entry) : NaN)));

/** The variables, read from text. Undefined is unset, and so is an empty one. */
export const workerEnvSchema = z.object({
  TOPCALLS_TASK_QUEUE: z.string().max(1_000).default(DEFAULT_TASK_QUEUE),
  // The server refuses a dot and a colon in the name of a deployment, since it joins name and build id with them.
  TOPCALLS_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/)
    .optional(),
  TOPCALLS_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/)
    .optional(),
  TOPCALLS_GRPC_COMPRESSION: z.enum(GRPC_COMPRESSIONS).optional(),
  TOPCALLS_ARTIFACTS_URL: z.string().refine((text) => text === 'none' || isPlainHttpUrl(text)),
  TOPCALLS_ARTIFACTS_TOKEN: z
    .string()
    .regex(/^[\u0021-\u007e]+$/)
    .optional(),
  // A file and not a variable per reference: references are free text, and variables show in `docker inspect` and
  // /proc.
  TOPCALLS_SECRETS_FILE: z.string().optional(),
  TOPCALLS_ENCRYPTION_KEYS: z.string().optional(),
  TOPCALLS_ENCRYPTION_KEYS_FILE: z.string().optional(),
  TOPCALLS_STORAGE_MODULE: z.string().optional(),
  TOPCALLS_CHECK_OPEN_RUNS: yesOrNo.default(true),
  TOPCALLS_DATABASE_URL: z.string().regex(/^(none$|postgres(ql)?:\/\/)/),
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
  // A query is allowed: services for alerts put their token there. It is never shown.
  TOPCALLS_NOTIFY_URL: z
    .string()
    .refine((text) => text === 'log' || notifyUrlProblem(text) === undefined)
    .optional(),
  TOPCALLS_NOTIFY_SECRET_REF: z.string().max(MAX_TEXT_LENGTH).optional(),
  TOPCALLS_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  TOPCALLS_HEALTH_PORT: port.optional(),
  TOPCALLS_READY_REQUIRES: list.pipe(z.array(z.enum(REQUIRED_PORTS))).default([]),
  TOPCALLS_METRICS_ADDRESS: z.string().refine(isBindAddress).optional(),
  TOPCALLS_METRICS_ENDPOINTS: z
    .string()
    .regex(/^[0-9]{1,2}$/)
    .transform(Number)
    .pipe(z.number().max(MAX_LABELLED_ENDPOINTS))
    .default(0),
} satisfies Record<WorkerVariable, z.ZodType>);

/** The variables after reading. */
export type WorkerVariables = z.infer<typeof workerEnvSchema>;

/** Judged by the egress policy itself, so that the worker and this door cannot disagree. */
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
  const url = parseUrl(text);
  if (url === undefined) return false;
  return /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === '';
}

function isBindAddress(text: string): boolean {
  const [, , portText = ''] = /^(\[[0-9a-f:.]+\]|[0-9.]+):([0-9]{1,5})$/i.exec(text) ?? [];
  return Number(portText) >= 1 && Number(portText) <= 65_535 && parseUrl(`http://${text}`) !== undefined;
}
