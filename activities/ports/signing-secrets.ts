/** Port: signing secrets by reference. Asked at every attempt, so a rotation takes effect inside a ladder. */

/** `current` signs; `previous` sign too, as further `webhook-signature` values, for the overlap of a rotation. */
export type SecretSet = { readonly current: string; readonly previous?: readonly string[] };

export type SigningSecrets = {
  /** Undefined for a reference nobody knows (the delivery ends refused); throw where the store is down (retried). */
  forEndpoint(ref: string): Promise<SecretSet | undefined> | SecretSet | undefined;
};
