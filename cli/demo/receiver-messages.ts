/** What the demo's receiver tells the process that started it. Types only. */

/** One request as the receiver saw it. `note` says in words why it answered `status`. */
export type ReceivedWebhook = {
  readonly callId: string;
  readonly event: string;
  readonly status: number;
  readonly note: string;
};

/** What the receiver tells its parent. */
export type ReceiverMessage =
  | { readonly kind: 'listening'; readonly port: number; readonly framework: string }
  | ({ readonly kind: 'request' } & ReceivedWebhook);
