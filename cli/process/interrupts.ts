/**
 * Ctrl-C, SIGTERM and a lost output, for commands that must end things in order. An interrupt comes as an AbortSignal,
 * so the command's own `finally` cleans up.
 */
import { once } from 'node:events';
import { EXIT, type ExitCode } from './exit.ts';

/** Interrupts while they are caught. */
export type Interrupts = {
  /** Aborted by the first interrupt, and once stdout can no longer be written. */
  readonly signal: AbortSignal;
  /** Resolves at the first interrupt. */
  readonly interrupted: Promise<void>;
  /** Gives the signals back to Node. */
  readonly release: () => void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** For the time when there is nothing to end in order yet: an interrupt ends the process at once, with `exitCode`.
 *  Needed because the system does nothing for PID 1: a container would lose a SIGTERM without a listener. Returns the
 *  function that stops listening; call it when another listener has taken over. */
export function leaveOnInterrupt(exitCode: ExitCode): () => void {
  return listen(() => process.exit(exitCode));
}

/** Catches interrupts. The first one aborts `signal`, the second one ends the process at once, and its children with
 *  it. `lastWords` prints before that what would be lost. `onlyReads`: a lost output is no interrupt, because it
 *  leaves nothing half done. */
export function catchInterrupts({
  lastWords = () => {},
  onlyReads = false,
}: { readonly lastWords?: () => void; readonly onlyReads?: boolean } = {}): Interrupts {
  const controller = new AbortController();
  const { signal } = controller;
  const stopListening = listen(() => {
    if (signal.aborted) {
      lastWords();
      process.exit(EXIT.interrupted);
    }
    controller.abort();
  });
  const abort = (): void => controller.abort();
  if (!onlyReads) {
    catching.add(abort);
    endsInOrder = true;
  }
  const release = (): void => {
    stopListening();
    catching.delete(abort);
  };
  return { signal, interrupted: once(signal, 'abort').then(() => undefined), release };
}

const catching = new Set<() => void>();
let endsInOrder = false;

/** Stdout can no longer be written: its reader has gone, or the disk is full. Interrupts what catches interrupts. False
 *  if nothing in this process has: then there is nothing to end in order. */
export function loseOutput(): boolean {
  for (const abort of catching) abort();
  return endsInOrder;
}

function listen(onSignal: () => void): () => void {
  for (const name of SIGNALS) process.on(name, onSignal);
  return () => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
}
