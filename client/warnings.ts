/** What is odd in a call's settings and no error: told to the host's `onWarning`, else as a warning of the process. */
import type { WebhookWarning } from '../contract/schemas/client-options.ts';

/** Above this many different ones nobody reads on. */
const MAX_WARNINGS = 1_000;

/** Tells each message once: a misconfigured campaign of a million calls is one warning. */
export class Warnings {
  readonly #onWarning: ((warning: WebhookWarning) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(onWarning: ((warning: WebhookWarning) => void) | undefined) {
    this.#onWarning = onWarning;
  }

  tell(warning: WebhookWarning): void {
    if (this.#told.has(warning.message) || this.#told.size >= MAX_WARNINGS) return;
    this.#told.add(warning.message);
    if (this.#onWarning === undefined) emit(warning);
    else void this.#toHost(this.#onWarning, warning);
  }

  /** A host's function that throws, or rejects, must not lose the event that it was told about. */
  async #toHost(onWarning: (warning: WebhookWarning) => unknown, warning: WebhookWarning): Promise<void> {
    try {
      await onWarning(warning);
    } catch {
      emit(warning);
    }
  }
}

function emit({ message, code }: WebhookWarning): void {
  process.emitWarning(message, { type: 'WebhookWarning', code });
}
