/**
 * A payload as bytes and back: protobuf's form of `temporal.api.common.v1.Payload`, as Temporal's own encryption samples use
 * it, so that a codec in another language can be written from docs/encryption.md. By hand: `@temporalio/proto` is no
 * dependency that a host installs, and the message has two fields.
 */
import type { Payload } from '@temporalio/common';

/** Wire tags, `field << 3 | 2` (length-delimited): Payload.metadata = 1, Payload.data = 2; of its map entries key = 1, value = 2. */
const FIRST = 0x0a;
const SECOND = 0x12;

/** The payload's metadata and data. Throws `TypeError` for one with external parts, which would be lost. */
export function payloadBytes({ metadata, data, externalPayloads }: Payload): Buffer {
  if (externalPayloads != null && externalPayloads.length > 0) {
    throw new TypeError('a payload with external parts cannot be encrypted: put storage behind the codec');
  }
  const entries = Object.entries(metadata ?? {}).map(([name, value]) =>
    field(FIRST, Buffer.concat([field(FIRST, Buffer.from(name)), field(SECOND, value)])),
  );
  return Buffer.concat([...entries, field(SECOND, data ?? new Uint8Array())]);
}

/** Reads what `payloadBytes` wrote. Throws `RangeError` for anything else. */
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
    // NaN, where the bytes end too early, fails this as well.
    if (!(at + length <= bytes.length) || (tag !== FIRST && tag !== SECOND)) throw new RangeError('not a payload');
    yield [tag, bytes.subarray(at, at + length)];
    at += length;
  }
}
