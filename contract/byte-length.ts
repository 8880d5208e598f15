/** Size of text on the wire. Workflow code needs only this, so it is not in canonical-json.ts. Pure. */

/** Length of `text` in UTF-8, in bytes. TextEncoder would make a copy of up to a megabyte for this. */
export function utf8Bytes(text: string): number {
  // Nearly every text is ASCII, and an expression is many times faster than the loop.
  if (!/[\x80-\uffff]/.test(text)) return text.length;
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.codePointAt(index) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x8_00 ? 2 : code < 0x1_00_00 ? 3 : 4;
    // Such a character is two units of the text.
    if (code > 0xff_ff) index += 1;
  }
  return bytes;
}
