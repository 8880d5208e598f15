/** The same, with the SDK's JSON behind it. */
import { CompositePayloadConverter, JsonPayloadConverter, UndefinedPayloadConverter } from '@temporalio/common';
import { HostJson } from './own-json-converter.ts';

export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new HostJson(),
  new JsonPayloadConverter(),
);
