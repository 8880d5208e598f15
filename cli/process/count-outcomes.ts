/** How many items ended how, for a summary in JSON and in words. Pure. */

/** `{ done: 3, failed: 0 }` and `3 done`. Names keep their order; the words leave out what has no item. */
export function countOutcomes<Name extends string>(
  items: readonly { readonly outcome: Name }[],
  names: readonly Name[],
): { readonly counts: Readonly<Record<Name, number>>; readonly words: string } {
  const counts = Object.fromEntries(
    names.map((name) => [name, items.filter(({ outcome }) => outcome === name).length]),
  ) as Record<Name, number>;
  const words = names.filter((name) => counts[name] > 0).map((name) => `${counts[name]} ${name}`);
  return { counts, words: words.join(', ') };
}
