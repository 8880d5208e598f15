/** The SDK's log lines through pino. For `Runtime.install({ logger })`, which only a process may do, never this library. */
import type { Logger, LogLevel, LogMetadata } from '@temporalio/worker';
import type { Logger as Pino } from 'pino';

// The SDK puts whole task payloads and raw errors under these keys: transcripts and numbers are in there.
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['task', 'taskEncoded', 'error', 'completion', 'payload', 'args']);

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** A Temporal `Logger` that writes to `pino`, without the SDK's payload-carrying keys; of errors it keeps name and code. */
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
  const kept = Object.entries(metadata).filter(([key]) => !UNSAFE_KEYS.has(key));
  const { error } = metadata as { error?: unknown };
  return {
    ...Object.fromEntries(kept),
    ...(error instanceof Error ? { errorName: error.name, errorMessage: failureText(error) } : {}),
  };
}

/** Messages of our own failures are safe by construction; so are the SDK's. Others are named only. */
function failureText(error: Error): string | undefined {
  return /Failure$|^DeterminismViolationError$/.test(error.name) ? error.message.slice(0, 500) : undefined;
}
