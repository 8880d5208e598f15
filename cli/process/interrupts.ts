/** Ctrl-C and SIGTERM for commands that have something to end in order, as an AbortSignal: the command's own `finally` then cleans up, in its order. */
import { EXIT, type ExitCode } from './exit.ts';

/** Interrupts as they are caught now. `release` gives the signals back to Node. */
export type Interrupts = { readonly signal: AbortSignal; readonly release: () => void };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** While there is nothing to end in order yet, an interrupt ends the process at once, with `exitCode`. Said aloud because the
 *  system's own answer is none for PID 1: in a container a SIGTERM that nobody listens for is lost. Call what it returns
 *  when somebody else listens. */
export function leaveOnInterrupt(exitCode: ExitCode): () => void {
  const leave = (): void => process.exit(exitCode);
  for (const name of SIGNALS) process.on(name, leave);
  return () => {
    for (const name of SIGNALS) process.off(name, leave);
  };
}

/** Catches interrupts: the first aborts `signal`, the second ends the process at once (children die with it). */
export function catchInterrupts(): Interrupts {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
