/** References to the host's external storage, as the Web UI sends them to the codec server. */
import { expect, test } from '@jest/globals';
import { encryptionCodec } from '../../../../codec/index.ts';
import { decodedBeside } from '../../../../cli/codec-server/stored.ts';
import { BEFORE } from '../../../support/encrypted.ts';

const plain = (text: string) => ({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) });
const reference = (data: string) => ({
  metadata: {
    encoding: Buffer.from('json/protobuf'),
    messageType: Buffer.from('temporal.api.sdk.v1.ExternalStorageReference'),
  },
  data: Buffer.from(data),
});

test('a reference is told in words, and the payloads beside it are decrypted, each in its place', async () => {
  const codec = encryptionCodec(BEFORE);
  const [one, two] = await codec.encode([plain('"one"'), plain('"two"')]);
  if (one === undefined || two === undefined) throw new Error('nothing encrypted');
  const stored = reference('{"driverName":"s3","claimData":{"key":"abc"}}');
  const shown = await decodedBeside(codec, [one, stored, two, reference('not JSON')]);
  expect(shown.map(({ data }) => JSON.parse(Buffer.from(data ?? []).toString()) as unknown)).toEqual([
    'one',
    'stored outside of Temporal, in the external storage "s3"; it is not shown here',
    'two',
    'stored outside of Temporal, in the external storage of the host; it is not shown here',
  ]);
});

test('a payload that is neither is refused as before', async () => {
  await expect(decodedBeside(encryptionCodec(BEFORE), [plain('1')])).rejects.toMatchObject({ code: 'plain_payload' });
});
