/** Ready-made ports for delivery events: a log line for each, and a list in memory for tests. A URL of the host's own
 *  is no adapter but the option `deliveryEvents: { url, secretRef }`, see docs/embed.md. */
import { checkMethod } from '../contract/known-options.ts';
import type { DeliveryEvent, DeliveryEvents, WebhookLogger } from '../activities/index.ts';
import { capacityIn } from './capacity.ts';

const LEVELS = {
  'delivery.failing': 'warn',
  'delivery.failed': 'error',
  'delivery.recovered': 'info',
  'delivery.cancelled': 'info',
} as const;

/** Writes one line for each event: `delivery.failing` as a warning, `delivery.failed` as an error, the others as info.
 *  The fields are those of the event. A line may come twice, with the same `id`. */
export class LogDeliveryEvents implements DeliveryEvents {
  readonly #logger: WebhookLogger;

  constructor(logger: WebhookLogger) {
    for (const level of ['info', 'warn', 'error']) {
      checkMethod(
        'LogDeliveryEvents',
        logger,
        level,
        `the logger has no method ${level}(); pass a pino logger, or console`,
      );
    }
    this.#logger = logger;
  }

  notify({ kind, ...fields }: DeliveryEvent): void {
    this.#logger[LEVELS[kind] ?? 'info'](fields, kind);
  }
}

/** Keeps the events in memory, for tests. An event that comes again, by its id, is kept once. Beyond `maxEvents`
 *  (default 10,000) the oldest are forgotten. */
export class MemoryDeliveryEvents implements DeliveryEvents {
  readonly #events = new Map<string, DeliveryEvent>();
  readonly #maxEvents: number;

  constructor(options: { readonly maxEvents?: number } = {}) {
    this.#maxEvents = capacityIn('MemoryDeliveryEvents', options, 'maxEvents');
  }

  notify(event: DeliveryEvent): void {
    if (this.#events.has(event.id)) return;
    const [oldest] = this.#events.keys();
    if (this.#events.size >= this.#maxEvents && oldest !== undefined) this.#events.delete(oldest);
    this.#events.set(event.id, event);
  }

  /** The events, the first one first; with `webhookId` those of one webhook. */
  events(webhookId?: string): readonly DeliveryEvent[] {
    return [...this.#events.values()].filter((event) => webhookId === undefined || event.webhookId === webhookId);
  }
}
