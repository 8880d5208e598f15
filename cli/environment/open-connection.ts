/**
 * Connects a command to the configured server and namespace, or says in one line why not. Exit code 3: no server
 * answers. Exit code 1: one answers, but has no such namespace or does not let us in.
 */
import type { Connection } from '@temporalio/client';
import { grpcCauseOf, statusNameOf } from '../../client/grpc-answers.ts';
import { shellWord } from '../../client/shell-word.ts';
import { oneLine } from '../../contract/shown-text.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { GRPC } from './grpc-status.ts';
import type { Env } from '../../temporal-server/env.ts';
import { NotReachedError, type NotReachedKind, openServer } from '../../temporal-server/open-server.ts';
import { LOCAL_TEMPORAL, PROFILE_FIX, readTemporalProfile, whyUnreadable } from '../../temporal-server/profile.ts';
import type { TemporalConnectionOptions } from '../../temporal-server/profile.ts';

/** A server that answers for a namespace. The caller must close `connection`. */
export type OpenConnection = {
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
};

/** Opens the connection that TEMPORAL_* and the profile describe; a given `namespace` wins. Rejects with CliError. */
export async function openConnection(env: Env, namespace?: string): Promise<OpenConnection> {
  const profile = readProfile(env);
  const address = profile.address ?? LOCAL_TEMPORAL;
  const chosen = { address, namespace: namespace ?? profile.namespace };
  return { connection: await connect({ ...profile.connection, address }, chosen), ...chosen };
}

/** Connects and asks for the namespace, within 5 s. Rejects with CliError `no_temporal_server`, `namespace_not_found`,
 *  `temporal_refused`, or `temporal_profile` for settings that nobody can connect with. */
export async function connect(
  options: TemporalConnectionOptions,
  { address, namespace }: { readonly address: string; readonly namespace: string },
): Promise<Connection> {
  try {
    return await openServer(options, namespace);
  } catch (error) {
    throw whyNot(error, address, namespace);
  }
}

function whyNot(cause: unknown, address: string, namespace: string): CliError {
  if (cause instanceof NotReachedError) {
    const message = `no Temporal server at ${address}: ${oneLine(cause.message)}; ${NOT_REACHED_FIX[cause.kind]}`;
    return new CliError('no_temporal_server', EXIT.noServer, message, { cause });
  }
  const answer = grpcCauseOf(cause);
  if (answer === undefined) {
    const message = `cannot connect to Temporal at ${address}: ${oneLine((cause as Error).message)}`;
    return new CliError('temporal_profile', EXIT.usage, `${message}; check TEMPORAL_ADDRESS and TEMPORAL_TLS_*`, {
      cause,
    });
  }
  if (answer.code === GRPC.notFound) {
    const create = `temporal operator namespace create --namespace ${shellWord(namespace)}`;
    const fix = `create it (${create}) or correct TEMPORAL_NAMESPACE`;
    const message = `Temporal at ${address} has no namespace ${namespace}: ${fix}`;
    return new CliError('namespace_not_found', EXIT.failed, message, { cause });
  }
  const details = oneLine(answer.details);
  if (REFUSALS.has(answer.code)) {
    const message = `Temporal at ${address} refused namespace ${namespace}: ${details}`;
    return new CliError('temporal_refused', EXIT.failed, `${message}; check TEMPORAL_API_KEY and TEMPORAL_TLS_*`, {
      cause,
    });
  }
  const status = statusNameOf(answer);
  const message = `what answers at ${address} did not tell of namespace ${namespace} (${status}): ${details}`;
  const fix = 'try again; if it stays, look whether this is a Temporal server, and at its log';
  return new CliError('temporal_refused', EXIT.failed, `${message}; ${fix}`, { cause });
}

const REFUSALS: ReadonlySet<number> = new Set([GRPC.permissionDenied, GRPC.unauthenticated, GRPC.invalidArgument]);

const NOT_REACHED_FIX: Readonly<Record<NotReachedKind, string>> = {
  refused: 'start one (topcalls-webhooks dev), or correct TEMPORAL_ADDRESS',
  name: 'correct TEMPORAL_ADDRESS',
  unreachable: 'correct TEMPORAL_ADDRESS, or open the way there',
  silent: 'correct TEMPORAL_ADDRESS, or look whether a firewall is between, and at the log of the server',
  wants_tls: 'set TEMPORAL_TLS=true if it does, or correct TEMPORAL_ADDRESS',
  speaks_no_tls: 'unset TEMPORAL_TLS, TEMPORAL_TLS_* and TEMPORAL_API_KEY, or correct TEMPORAL_ADDRESS',
  other: 'check TEMPORAL_ADDRESS and TEMPORAL_TLS_*',
};

function readProfile(env: Env): ReturnType<typeof readTemporalProfile> {
  try {
    return readTemporalProfile(env);
  } catch (error) {
    const message = `the Temporal settings cannot be read: ${whyUnreadable(error)}; ${PROFILE_FIX}`;
    throw new CliError('temporal_profile', EXIT.usage, message);
  }
}
