/** The search for canaries: values that must not be in a place, in every form in which they could hide there. */

/** A place that was looked at, and its text. */
export type Place = { readonly where: string; readonly text: string };

/**
 * A value as it is, as JSON text, URL-encoded, as hex of either case, and as base64. Base64 comes at each of the
 * three offsets that a longer text could give it, without the characters that neighbours would change. Short values
 * get no base64.
 */
export function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), hex, hex.toUpperCase()];
  for (const offset of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = text.slice(Math.ceil((offset * 4) / 3), bytes.length % 3 === (3 - offset) % 3 ? undefined : -1);
    if (inner.length >= 8) forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...new Set(forms)];
}

/** `canary in place` for every canary found in a place in any form. The canaries themselves are not shown whole. */
export function sweep(canaries: readonly string[], places: readonly Place[]): string[] {
  const needles = canaries.map((canary) => ({ name: `${canary.slice(0, 14)}…`, forms: formsOf(canary) }));
  return places.flatMap(({ where, text }) =>
    needles.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => `${name} in ${where}`),
  );
}
