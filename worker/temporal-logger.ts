/** Writes the SDK's log lines with pino. For `Runtime.install({ logger, telemetryOptions })`, which the host's process
 *  calls, never this library. */
import type { Logger, LogLevel, LogMetadata } from '@temporalio/worker';
import type { Logger as Pino } from 'pino';
import { logFields } from '../contract/log-fields.ts';
import { oneLine } from '../contract/shown-text.ts';
import { coreFields, coreMessage } from './core-line.ts';

// Dropped from every line, also from lines of workflows and activities: errors of hosts may quote payloads.
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['task', 'taskEncoded', 'error', 'completion', 'payload', 'args']);

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Components whose log lines come from workflow or activity code. All other lines are the SDK's own. */
const WRITTEN_BY_HAND: ReadonlySet<unknown> = new Set(['workflow', 'activity']);

/** Makes a Temporal `Logger` that writes to `pino`. No line holds a payload, on any level. Of an error it keeps the
 *  name, and the message of failures that are safe. Lines of the SDK's core come to it only with
 *  `telemetryOptions: { logging: { forward: {}, filter } }`. Otherwise the core writes to stdout itself, payloads
 *  included. */
export function temporalLogger(pino: Pino): Logger {
  const write = (level: LogLevel, message: string, metadata?: LogMetadata): void => {
    const isCore = metadata?.['sdkComponent'] === 'core';
    pino[LEVELS[level]](logFields(safe(metadata)), oneLine(isCore ? coreMessage(message) : message));
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
  if (sdkComponent === 'core') return coreFields(metadata);
  // Chosen by type, not by key: trace lines of the worker hold whole tasks in their metadata (`jobs`, `start` …). The
  // tasks are logged encrypted but may be decrypted by the time they are written. Only ids and counts are useful
  // there.
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

/** The message of our own failures and of the SDK's, which are safe. Undefined for other errors, which are only
 *  named. */
function failureText(error: Error): string | undefined {
  return /Failure$|^DeterminismViolationError$/.test(error.name) ? error.message.slice(0, 500) : undefined;
}
