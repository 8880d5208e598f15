/** Compares our bytes of a payload with protobuf's own, as the SDK writes them. */
import { expect, test } from '@jest/globals';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { payloadBytes, payloadFrom } from '../../../codec/payload-bytes.ts';
import { protobuf } from '../../support/protobuf.ts';

const { Payload: proto } = protobuf.common.v1;

const payloads = fc.record({
  metadata: fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__'),
    fc.uint8Array({ maxLength: 300 }),
    {
      maxKeys: 5,
      noNullPrototype: true,
    },
  ),
  data: fc.uint8Array({ maxLength: 40_000, size: 'max' }),
});
const hex = ({ metadata, data }: Payload) => [
  Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('hex')]),
  Buffer.from(data ?? []).toString('hex'),
];

test('are what protobuf reads, and protobuf’s are what we read', () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      expect(hex(proto.decode(payloadBytes(payload)))).toEqual(hex(payload));
      expect(hex(payloadFrom(proto.encode(payload).finish()))).toEqual(hex(payload));
    }),
    { numRuns: 200, endOnFailure: true },
  );
});

test('of 2 MiB keep their length, and an empty payload is one', () => {
  const big = { metadata: { encoding: Buffer.from('binary/plain') }, data: new Uint8Array(2 * 1_048_576).fill(7) };
  expect(Buffer.compare(payloadFrom(payloadBytes(big)).data!, big.data)).toBe(0);
  expect(hex(payloadFrom(payloadBytes({})))).toEqual([[], '']);
});

test('that are none are refused: cut, another field, an endless length', () => {
  const whole = payloadBytes({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{}') });
  for (const bytes of [
    whole.subarray(0, -1),
    [0x1a, 0],
    [0x0a, 5],
    [0x12],
    Array(9).fill(0xff),
    [0x12, ...Array(9).fill(0xff)],
  ]) {
    expect(() => payloadFrom(Uint8Array.from(bytes))).toThrow(RangeError);
  }
});

test('a payload that lies elsewhere in parts is not encrypted as if it were whole', () => {
  expect(() => payloadBytes({ externalPayloads: [{}] })).toThrow('external parts');
});
