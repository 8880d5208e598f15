/** A host's payload converter that writes JSON under an encoding of its own, and reads nothing else. */
import { CompositePayloadConverter, JsonPayloadConverter, UndefinedPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';

export class HostJson extends JsonPayloadConverter {
  override readonly encodingType = 'json/host' as never;

  override toPayload(value: unknown): Payload | undefined {
    const payload = super.toPayload(value);
    return payload && { ...payload, metadata: { encoding: Buffer.from('json/host') } };
  }
}

export const payloadConverter = new CompositePayloadConverter(new UndefinedPayloadConverter(), new HostJson());
