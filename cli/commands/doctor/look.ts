/** Looks at everything that webhooks need, and judges nothing. A part that cannot be read stops only what needs it. */
import { Client } from '@temporalio/client';
import { given } from '../../../contract/given.ts';
import { DEFAULT_TASK_QUEUE } from '../../../contract/server-names.ts';
import { filled } from '../../../temporal-server/env.ts';
import { readTemporalProfile } from '../../../temporal-server/profile.ts';
import { certificateEndsAt } from '../../environment/client-certificate.ts';
import { readEncryptionKeys } from '../../environment/encryption-keys.ts';
import { openConnection } from '../../environment/open-connection.ts';
import { readStorage } from '../../environment/storage-module.ts';
import { SecretsFile } from '../../environment/secrets-file.ts';
import type { Terminal } from '../../process/terminal.ts';
import type { DbTarget } from '../db/open.ts';
import { attempt } from './attempt.ts';
import type { Facts, Seen } from './facts.ts';
import { lookAtDatabase } from './look-at-database.ts';
import { lookAtServer } from './look-at-server.ts';

/** Where the doctor looks, and how far. */
export type LookOptions = DbTarget & {
  readonly namespace?: string;
  readonly taskQueue?: string;
  /** Runs that closed within this time, ms, are compared with the log. */
  readonly window: number;
  /** Whether to ask the workers, and to try whether the server is fair. */
  readonly probe: boolean;
};

/** Looks once. Rejects with CliError for wrong arguments, and for a storage that cannot be loaded. */
export async function look(options: LookOptions, terminal: Terminal): Promise<Facts> {
  const { env } = terminal;
  const { window, probe } = options;
  const since = new Date(Date.now() - window).toISOString();
  const taskQueue = options.taskQueue ?? filled(env['TOPCALLS_TASK_QUEUE']) ?? DEFAULT_TASK_QUEUE;
  const say = (line: string): void => terminal.live(`doctor: ${line}`);
  const keys = await attempt(() => readEncryptionKeys(env));
  const externalStorage = await readStorage(env);
  const opened = await attempt(async () => {
    say('connecting to Temporal');
    const { connection, ...where } = await openConnection(env, options.namespace);
    try {
      const encryption = keys.is === 'there' ? keys.seen?.dataConverter : undefined;
      const dataConverter = { ...encryption, ...given({ externalStorage }) };
      const client = new Client({ connection, namespace: where.namespace, dataConverter });
      const server = await lookAtServer(client, { taskQueue, probe, hasKeys: encryption !== undefined, say });
      return { ...where, server, database: await lookAtDatabase(options, env, { client, since, say }) };
    } finally {
      await connection.close();
    }
  });
  // Also where the server is not reached: that may be why. Settings that cannot be read are told as that.
  const certificate = await attempt(() => certificateEndsAt(readTemporalProfile(env).connection));
  const { server, database, ...where } =
    opened.is === 'there'
      ? { ...opened.seen, server: { is: 'there', seen: opened.seen.server } as const }
      : { server: opened, database: await lookAtDatabase(options, env, { since, say }) };
  terminal.live('');
  return {
    at: new Date().toISOString(),
    ...where,
    taskQueue,
    since,
    server,
    database,
    secrets: await secretsOf(filled(env['TOPCALLS_SECRETS_FILE'])),
    keys: keysIn(keys),
    ...given({ certificateEndsAt: certificate.is === 'there' ? certificate.seen : undefined }),
  };
}

async function secretsOf(path: string | undefined): Promise<Facts['secrets']> {
  if (path === undefined) return { is: 'unset', words: 'TOPCALLS_SECRETS_FILE is not set here' };
  return attempt(() => {
    const { references, fingerprint } = new SecretsFile(path);
    return { references, ...given({ fingerprint }) };
  });
}

function keysIn(read: Seen<ReturnType<typeof readEncryptionKeys>>): Facts['keys'] {
  if (read.is !== 'there') return read;
  if (read.seen === undefined) return { is: 'unset', words: 'TOPCALLS_ENCRYPTION_KEYS_FILE is not set here' };
  return { is: 'there', seen: { activeKeyId: read.seen.options.activeKeyId } };
}
