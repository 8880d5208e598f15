/** What may be logged of an error that a host's port threw. Its message may hold a connection string, a body or a
 *  number. */
import { given } from '../contract/given.ts';

/** Long enough for a sentence; a log line is no place for a dump. */
const MAX_MESSAGE_LENGTH = 500;
const MAX_NAME_LENGTH = 60;

/** Fields of a log line. `error`: its code, or its class. `errorClass`: its class, beside a code. `errorMessage`: its
 *  message, if the error says by `safeToLog: true` that the message holds nothing private. */
export type PortErrorFacts = {
  readonly error: string;
  readonly errorClass?: string;
  readonly errorMessage?: string;
};

/** The code of an error, else its class. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown_error';
  return (codeOf(error) ?? error.name).slice(0, MAX_NAME_LENGTH);
}

/** All that may be logged of an error. Never throws, whatever was thrown. */
export function errorFacts(error: unknown): PortErrorFacts {
  if (!(error instanceof Error)) return { error: errorName(error) };
  const isSafe = 'safeToLog' in error && error.safeToLog === true;
  return {
    error: errorName(error),
    ...given({
      errorClass: codeOf(error) === undefined ? undefined : error.name.slice(0, MAX_NAME_LENGTH),
      errorMessage: isSafe ? error.message.slice(0, MAX_MESSAGE_LENGTH) : undefined,
    }),
  };
}

/** Whether a delivery log says of its error that it can never store this record. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'refused' in error && error.refused === true;
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
