/** Warnings about reported data and settings. They go to the host's `onWarning`, or else to `process.emitWarning`. */
import type { Notice } from '../contract/repairs/repair-list.ts';
import { oneLine } from '../contract/shown-text.ts';
import type { WebhookWarning } from '../contract/schemas/client-options.ts';

/** So many of the latest warnings are remembered, in order not to repeat them. */
const MAX_REMEMBERED = 1_000;

export class Warnings {
  readonly #onWarning: ((warning: WebhookWarning) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(onWarning: ((warning: WebhookWarning) => void) | undefined) {
    this.#onWarning = onWarning;
  }

  /** Gives each message once for each account: a misconfigured campaign of a million calls is one warning. `about`:
   *  which call or campaign event has these settings, e.g. `call c1`. The warning names the first one. */
  tell({ message, ...warning }: WebhookWarning, about: string, accountId = ''): void {
    if (this.#isKnown(`${accountId} ${message}`)) return;
    this.tellEach({ ...warning, message: `${about}: ${message}` });
  }

  /** Tells what was changed about one report. The host hears it of each call. The process gets each kind once: an
   *  engine that reports a million calls with unix times is one warning there. */
  tellAll(notices: readonly Notice[], about: string): void {
    for (const { code, field, problem } of notices) {
      const said = code === 'unknown_field' ? `${field} ${problem}` : `${field}: ${problem}`;
      const message = `${about}: ${said}`;
      if (this.#isKnown(this.#onWarning === undefined ? said : message)) continue;
      this.tellEach({ code, message, field, problem });
    }
  }

  /** Gives the warning also when it came before: it is about one call, and each such call matters. */
  tellEach(warning: WebhookWarning): void {
    if (this.#onWarning === undefined) emit(warning);
    else void this.#toHost(this.#onWarning, warning);
  }

  /** Notes the text. The oldest one is forgotten for it, so no warning stays away because of others. */
  #isKnown(text: string): boolean {
    if (this.#told.has(text)) return true;
    if (this.#told.size >= MAX_REMEMBERED) {
      const [oldest = ''] = this.#told;
      this.#told.delete(oldest);
    }
    this.#told.add(text);
    return false;
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
  // Node prints it as it is.
  process.emitWarning(oneLine(message), { type: 'WebhookWarning', code });
}
