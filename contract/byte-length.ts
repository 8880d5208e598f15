/** Size of text on the wire. Workflow code needs only this, so it is not in canonical-json.ts. Pure. */

/** Length of `text` in UTF-8, in bytes. TextEncoder would make a copy of up to a megabyte for this. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x8_00) bytes += 2;
    else if (unit >= 0xd8_00 && unit < 0xdc_00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc_00 && unit < 0xe0_00;
}
