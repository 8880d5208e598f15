/** What the topology has to show, each with what was seen. */
export type Check = { readonly what: string; readonly ok: boolean; readonly seen: string };

/** A check that all of some hold. */
export function all(what: string, some: readonly unknown[], of: number): Check {
  return { what, ok: some.length === of, seen: `${some.length} of ${of}` };
}
