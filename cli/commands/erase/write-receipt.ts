/**
 * Writes the receipt of an erasure while it goes on, a line for each webhook as it ends. So a command that is killed
 * leaves what it has done. As JSON that is a document whose end is missing: `]}` makes it readable.
 */
import type { Terminal } from '../../process/terminal.ts';
import type { ErasedWebhook, KnownSoFar } from './erase-webhook.ts';
import { lineOf, notReached, storedLines } from './receipt.ts';

/** What is known of an erasure before it begins. */
export type ReceiptHead = {
  readonly dryRun: boolean;
  readonly namespace: string;
  readonly address: string;
  /** The database and its schema in words, or `none`. */
  readonly log: string;
  readonly account?: string;
};

/** What is known of it at its end. `at`: ISO 8601 UTC. */
export type ReceiptEnd = {
  readonly at: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly left: number;
};

/** A receipt that grows. */
export type Receipt = {
  /** The objects that a webhook has in an external storage. They are told before its runs go, which alone know them. */
  stored(known: KnownSoFar): void;
  item(item: ErasedWebhook): void;
  end(end: ReceiptEnd): void;
};

/** Begins a receipt on stdout, as JSON or for people. */
export function beginReceipt(terminal: Terminal, head: ReceiptHead, { json }: { readonly json: boolean }): Receipt {
  const items: ErasedWebhook[] = [];
  if (!json) {
    return {
      stored: (known) => storedLines(known).forEach((line) => terminal.data(line)),
      item: (item) => terminal.data(lineOf(item)),
      end: () => {},
    };
  }
  const { dryRun, ...where } = head;
  const first = { command: 'erase', dryRun, startedAt: new Date().toISOString(), ...where };
  terminal.data(`${JSON.stringify(first).slice(0, -1)},"items":[`);
  return {
    // The document names them with the webhook, once it has ended.
    stored: (known) => storedLines(known).forEach((line) => terminal.say(line)),
    item: (item) => {
      terminal.data(`${items.length === 0 ? '' : ','}${JSON.stringify(item)}`);
      items.push(item);
    },
    end: ({ at, counts, left }) => {
      const last = { at, ...counts, left, notReached: notReached(items) };
      terminal.data(`],${JSON.stringify(last).slice(1)}`);
    },
  };
}
