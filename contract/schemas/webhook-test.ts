/** What `test` of the client takes. It is asked by a person who waits, so what is wrong is refused at once. */
import * as z from 'zod';
import { idSchema, secretRefSchema } from './fields.ts';

export const webhookTestSchema = z.strictObject({
  /** URL of the receiver. If the worker's egress policy forbids it, the delivery ends refused. */
  webhook_url: z.string().trim().min(1, { error: 'must be a URL' }),
  /** Reference to the signing secret. Default: `account_id`; without both the webhook goes unsigned. */
  secret_ref: secretRefSchema.optional(),
  /** Id of the account: 1 to 200 characters. */
  account_id: idSchema.optional(),
  /** Tells one test of this endpoint from the next. With the same one again, nothing is sent. Default: a new one. */
  occurrence: idSchema.optional(),
});

/** What `test` of the client takes. */
export type WebhookTest = z.input<typeof webhookTestSchema>;
