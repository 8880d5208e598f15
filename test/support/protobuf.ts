/**
 * Temporal's messages as bytes, by the SDK's own protobuf code. That is a dependency of the SDK and not of ours, so
 * it is found through the SDK.
 */
import { createRequire } from 'node:module';
import type { Payload } from '@temporalio/common';

type Message<T> = { encode(message: T): { finish(): Uint8Array }; decode(bytes: Uint8Array): T };

type Api = {
  readonly common: { readonly v1: { readonly Payload: Message<Payload> } };
  readonly history: { readonly v1: { readonly History: Message<object> } };
  readonly workflowservice: { readonly v1: { readonly DescribeWorkflowExecutionResponse: Message<object> } };
};

const { temporal } = createRequire(require.resolve('@temporalio/common'))('@temporalio/proto') as {
  temporal: { api: Api };
};

/** Messages of `temporal.api`. */
export const protobuf: Api = temporal.api;
