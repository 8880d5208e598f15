/** Connects a worker to the server. The SDK compresses each message to the server, and asks for compressed ones. What
 *  that costs and saves: docs/decisions/0041. */
import { NativeConnection } from '@temporalio/worker';
import { isTls, type TemporalConnectionOptions } from '../../temporal-server/profile.ts';
import type { GrpcCompression } from './worker-variables.ts';

/** Resolves once the server has answered. Rejects as `NativeConnection.connect` does. The caller closes it.
 *  `compression` is by default `gzip` over TLS, and else `none`: what is sent in the clear stays in one network. */
export async function openNativeConnection(
  options: TemporalConnectionOptions,
  compression: GrpcCompression = isTls(options) ? 'gzip' : 'none',
): Promise<NativeConnection> {
  return NativeConnection.connect({ ...options, grpcCompression: { codec: compression } });
}
