/**
 * Connects a command to the configured server and namespace, or says in one line why not. Exit code 3: no server
 * answers. Exit code 1: one answers, but has no such namespace or does not let us in.
 */
import { shellWord } from '../../client/shell-word.ts';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { grpcCauseOf } from '../../client/grpc-answers.ts';
import { oneLine } from '../../contract/shown-text.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { GRPC } from './grpc-status.ts';
import type { Env } from '../../temporal-server/env.ts';
import { LOCAL_TEMPORAL, PROFILE_FIX, readTemporalProfile, whyUnreadable } from '../../temporal-server/profile.ts';
import type { TemporalConnectionOptions } from '../../temporal-server/profile.ts';

/** A server that answers for a namespace. The caller must close `connection`. */
export type OpenConnection = {
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
};

const CONNECT_TIMEOUT_MS = 10_000;

/** Opens the connection that TEMPORAL_* and the profile describe; a given `namespace` wins. Rejects with CliError. */
export async function openConnection(env: Env, namespace?: string): Promise<OpenConnection> {
  const profile = readProfile(env);
  const address = profile.address ?? LOCAL_TEMPORAL;
  const chosen = { address, namespace: namespace ?? profile.namespace };
  return { connection: await connect({ ...profile.connection, address }, chosen), ...chosen };
}

/** Connects and asks for the namespace. Rejects with CliError `no_temporal_server`, `namespace_not_found` or
 *  `temporal_refused`. */
export async function connect(
  options: TemporalConnectionOptions,
  { address, namespace }: { readonly address: string; readonly namespace: string },
): Promise<Connection> {
  let connection: Connection | undefined;
  try {
    // Not `connect`: it leaves its connection open when the server refuses the first question.
    const opened = Connection.lazy({ ...options, connectTimeout: CONNECT_TIMEOUT_MS });
    connection = opened;
    await opened.ensureConnected();
    const deadline = Date.now() + CONNECT_TIMEOUT_MS;
    await opened.withDeadline(deadline, () => opened.workflowService.describeNamespace({ namespace }));
    return opened;
  } catch (error) {
    await connection?.close();
    throw whyNot(error, address, namespace);
  }
}

function whyNot(error: unknown, address: string, namespace: string): CliError {
  const options = { cause: error };
  // A server that refuses the very first question is wrapped by the SDK as one that cannot be reached.
  const answer = isGrpcServiceError(error) ? error : grpcCauseOf(error);
  const status: number | undefined = answer?.code;
  const isAnswer = isGrpcServiceError(error) || status === GRPC.unauthenticated || status === GRPC.permissionDenied;
  const details = oneLine(isAnswer && answer !== undefined ? answer.details : (error as Error).message);
  if (status === GRPC.notFound) {
    const create = `temporal operator namespace create --namespace ${shellWord(namespace)}`;
    const fix = `create it (${create}) or correct TEMPORAL_NAMESPACE`;
    const message = `Temporal at ${address} has no namespace ${namespace}: ${fix}`;
    return new CliError('namespace_not_found', EXIT.failed, message, options);
  }
  if (status === GRPC.permissionDenied || status === GRPC.unauthenticated || status === GRPC.invalidArgument) {
    const message = `Temporal at ${address} refused namespace ${namespace}: ${details}`;
    const fix = 'check TEMPORAL_API_KEY and TEMPORAL_TLS_*';
    return new CliError('temporal_refused', EXIT.failed, `${message}; ${fix}`, options);
  }
  const fix = 'start one (topcalls-webhooks dev), or correct TEMPORAL_ADDRESS and TEMPORAL_TLS_*';
  return new CliError(
    'no_temporal_server',
    EXIT.noServer,
    `no Temporal server at ${address}: ${details}; ${fix}`,
    options,
  );
}

function readProfile(env: Env): ReturnType<typeof readTemporalProfile> {
  try {
    return readTemporalProfile(env);
  } catch (error) {
    const message = `the Temporal settings cannot be read: ${whyUnreadable(error)}; ${PROFILE_FIX}`;
    throw new CliError('temporal_profile', EXIT.usage, message);
  }
}
