/** Port: finds signing secrets by reference. Called for every attempt, so a rotation takes effect inside a ladder. */

/** The secrets of one endpoint. `current` makes both signature headers. During a rotation each of `previous`, newest
 *  first, adds a value to `webhook-signature`. */
export type SecretSet = { readonly current: string; readonly previous?: readonly string[] };

/** The port. */
export type SigningSecrets = {
  /** Return undefined for an unknown reference: the delivery then ends refused. A plain text is the current secret.
   *  Throw when the store is down: the attempt is then not sent and not spent, and the delivery waits until the store
   *  answers. An answer after 5 s, or of another shape, counts as a store that is down. */
  forEndpoint(ref: string): Promise<SecretSet | string | undefined> | SecretSet | string | undefined;
};
