/**
 * Turns a payload into bytes and back, in protobuf's form of `temporal.api.common.v1.Payload`. Temporal's encryption
 * samples use the same form, so a codec in another language can be written from docs/encryption.md. Written by hand:
 * the message has two fields, and a host does not install `@temporalio/proto`.
 */
import type { Payload } from '@temporalio/common';

/** Wire tags, `field << 3 | 2` (length-delimited). Payload: metadata = 1, data = 2. Entry of its map: key = 1, value =
 *  2. */
const FIRST = 0x0a;
const SECOND = 0x12;

/** The payload's metadata and data as bytes. Throws `TypeError` for a payload with external parts, which would be
 *  lost. */
export function payloadBytes({ metadata, data, externalPayloads }: Payload): Buffer {
  if (externalPayloads != null && externalPayloads.length > 0) {
    throw new TypeError('a payload with external parts cannot be encrypted: put storage behind the codec');
  }
  const entries = Object.entries(metadata ?? {}).map(([name, value]) =>
    field(FIRST, Buffer.concat([field(FIRST, Buffer.from(name)), field(SECOND, value)])),
  );
  return Buffer.concat([...entries, field(SECOND, data ?? new Uint8Array())]);
}

/** Reads the bytes that `payloadBytes` made. Throws `RangeError` for other bytes. */
export function payloadFrom(bytes: Uint8Array): Payload {
  const metadata: Record<string, Uint8Array> = {};
  let data: Uint8Array = new Uint8Array();
  for (const [tag, value] of fields(bytes)) {
    if (tag === SECOND) data = value;
    else {
      const entry = new Map(fields(value));
      metadata[Buffer.from(entry.get(FIRST) ?? []).toString()] = entry.get(SECOND) ?? new Uint8Array();
    }
  }
  return { metadata, data };
}

function field(tag: number, value: Uint8Array): Buffer {
  const head = [tag];
  let left = value.length;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) head.push((left % 0x80) + 0x80);
  return Buffer.concat([Buffer.from([...head, left]), value]);
}

function* fields(bytes: Uint8Array): Generator<[tag: number, value: Uint8Array]> {
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    let length = 0;
    let scale = 1;
    let digit = 0x80;
    for (at += 1; digit >= 0x80 && scale < 2 ** 35; at += 1, scale *= 0x80) {
      digit = bytes[at] ?? Number.NaN;
      length += (digit % 0x80) * scale;
    }
    // If the bytes end too early, `length` is NaN, and this comparison is false.
    if (!(at + length <= bytes.length) || (tag !== FIRST && tag !== SECOND)) throw new RangeError('not a payload');
    yield [tag, bytes.subarray(at, at + length)];
    at += length;
  }
}
