/** The SDK's log lines through pino. For `Runtime.install({ logger })`, which only a process may do, never this library. */
import type { Logger, LogLevel, LogMetadata } from '@temporalio/worker';
import type { Logger as Pino } from 'pino';

// Whatever speaks: errors of hosts quote what they were given.
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['task', 'taskEncoded', 'error', 'completion', 'payload', 'args']);

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Components whose lines a person wrote, in a workflow or an activity; all others are the SDK's own. */
const WRITTEN_BY_HAND: ReadonlySet<unknown> = new Set(['workflow', 'activity']);

/** A Temporal `Logger` that writes to `pino`, on every level without payloads; of errors it keeps name and code. */
export function temporalLogger(pino: Pino): Logger {
  const write = (level: LogLevel, message: string, metadata?: LogMetadata): void => {
    pino[LEVELS[level]](safe(metadata), message);
  };
  return {
    log: write,
    trace: (message, metadata) => write('TRACE', message, metadata),
    debug: (message, metadata) => write('DEBUG', message, metadata),
    info: (message, metadata) => write('INFO', message, metadata),
    warn: (message, metadata) => write('WARN', message, metadata),
    error: (message, metadata) => write('ERROR', message, metadata),
  };
}

function safe(metadata: LogMetadata = {}): Record<string, unknown> {
  const { error, sdkComponent } = metadata as { error?: unknown; sdkComponent?: unknown };
  // By shape and not by key: the worker's trace lines spread whole tasks into their metadata (`jobs`, `start` …), and hand
  // them over before they are decrypted but write them afterwards. Ids and counts are all that is of use there.
  const isSafe = WRITTEN_BY_HAND.has(sdkComponent) ? () => true : isPlainValue;
  const kept = Object.entries(metadata).filter(([key, value]) => !UNSAFE_KEYS.has(key) && isSafe(value));
  return {
    ...Object.fromEntries(kept),
    ...(error instanceof Error ? { errorName: error.name, errorMessage: failureText(error) } : {}),
  };
}

function isPlainValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Messages of our own failures are safe by construction; so are the SDK's. Others are named only. */
function failureText(error: Error): string | undefined {
  return /Failure$|^DeterminismViolationError$/.test(error.name) ? error.message.slice(0, 500) : undefined;
}
