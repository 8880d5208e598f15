/** Warnings about a call's settings that are odd but not wrong. They go to the host's `onWarning`, or else to
 *  `process.emitWarning`. */
import type { WebhookWarning } from '../contract/schemas/client-options.ts';

/** After this many different warnings, further ones are dropped: a list this long is not read. */
const MAX_WARNINGS = 1_000;

/** Gives each message once. A misconfigured campaign of a million calls is one warning. */
export class Warnings {
  readonly #onWarning: ((warning: WebhookWarning) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(onWarning: ((warning: WebhookWarning) => void) | undefined) {
    this.#onWarning = onWarning;
  }

  /** `about`: which call or campaign event has these settings, e.g. `call c1`. The warning names the first one. */
  tell({ code, message }: WebhookWarning, about: string): void {
    if (this.#told.has(message) || this.#told.size >= MAX_WARNINGS) return;
    this.#told.add(message);
    this.tellEach({ code, message: `${about}: ${message}` });
  }

  /** Gives the warning also when it came before: it is about one call, and each such call matters. */
  tellEach(warning: WebhookWarning): void {
    if (this.#onWarning === undefined) emit(warning);
    else void this.#toHost(this.#onWarning, warning);
  }

  /** If the host's function throws or rejects, the event must still be delivered. The warning then goes to the
   *  process. */
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
