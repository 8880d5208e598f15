/** Port: finds signing secrets by reference. Called for every attempt, so a rotation takes effect inside a ladder. */

/** The secrets of one endpoint. `current` makes both signature headers. During a rotation each of `previous`, newest
 *  first, adds a value to `webhook-signature`. */
export type SecretSet = { readonly current: string; readonly previous?: readonly string[] };

/** The port. */
export type SigningSecrets = {
  /** Return undefined for an unknown reference: the delivery then ends refused. Throw when the store is down: the
   *  attempt is then made again. Answers after 5 s count as a store that is down. */
  forEndpoint(ref: string): Promise<SecretSet | undefined> | SecretSet | undefined;
};
