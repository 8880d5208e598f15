/**
 * Tells what the worker's version is for, when it starts and when that changes. A new version gets nothing until an
 * operator makes it current, and a worker without a version gets nothing while a version is current. Both would poll in
 * silence.
 */
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { currentOfQueue } from '../../client/task-queue.ts';
import {
  findDeployment,
  setCurrentCommand,
  statusOf,
  unsetCurrentCommand,
  versionId,
  type VersionStatus,
} from '../../client/worker-versions.ts';
import { given } from '../../contract/given.ts';
import type { WorkerEnv, WorkerVersion } from '../environment/worker-config.ts';

/** What a worker is for. `unversioned`: it has no version, and none is in use. `left_out`: it has none, and one is. */
export type VersionStanding = VersionStatus | 'unversioned' | 'left_out';

/** A watch over the version. `read()`: what was last seen; undefined before the first answer. */
export type VersionWatch = { readonly read: () => VersionStanding | undefined; readonly stop: () => void };

type Where = { readonly temporal: { readonly namespace: string }; readonly taskQueue: string } & Pick<
  WorkerEnv,
  'version'
>;

const EVERY_MS = 10_000;
const ANSWER_MS = 5_000;

/** Begins to watch. Looks at once, then every 10 s. A server that does not say is told once. */
export function tellVersion(connection: NativeConnection, config: Where, logger: Logger): VersionWatch {
  let last: VersionStanding | undefined;
  let isUnread = false;
  const look = async (): Promise<void> => {
    try {
      const seen = await connection.withDeadline(Date.now() + ANSWER_MS, () => standingNow(connection, config));
      isUnread = false;
      if (seen.standing !== last) say(logger, seen, config);
      last = seen.standing;
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'no answer';
      if (!isUnread) logger.warn({ reason }, 'worker.version_unread: the server does not say which version is current');
      isUnread = true;
    }
  };
  void look();
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return { read: () => last, stop: () => clearInterval(timer) };
}

type Seen = { readonly standing: VersionStanding; readonly current: string | undefined };

async function standingNow(connection: NativeConnection, { temporal, taskQueue, version }: Where): Promise<Seen> {
  const { workflowService } = connection;
  const { namespace } = temporal;
  if (version === undefined) {
    const current = await currentOfQueue(workflowService, namespace, taskQueue);
    return { standing: current === undefined ? 'unversioned' : 'left_out', current };
  }
  const deployment = await findDeployment(workflowService, namespace, version.deploymentName);
  return { standing: statusOf(deployment, version.buildId), current: deployment?.currentBuildId };
}

function say(logger: Logger, { standing, current }: Seen, { version, temporal }: Where): void {
  if (standing === 'unversioned') return;
  const facts = given({ ...version, current });
  if (standing === 'left_out') {
    const unset = unsetCurrentCommand(versionId(current ?? ''), temporal.namespace);
    return logger.warn({ ...facts, fix: `set TOPCALLS_DEPLOYMENT_NAME, or run ${unset}` }, LEFT_OUT);
  }
  if (standing !== 'inactive') return logger.info(facts, WORDS[standing]);
  // Undefined never happens here: only a version can be inactive.
  const fix = setCurrentCommand(version as WorkerVersion, temporal.namespace);
  logger.warn(
    { ...facts, fix },
    `worker.version_not_current: no webhook comes to this worker until somebody runs ${fix}`,
  );
}

const LEFT_OUT =
  'worker.version_missing: no webhook comes to this worker, because a version is current and it has none';

const WORDS = {
  current: 'worker.version_current: new webhooks come to this version',
  ramping: 'worker.version_ramping: a share of the new webhooks comes to this version',
  draining: 'worker.version_draining: webhooks that it began end here; new ones go to another version',
  drained: 'worker.version_drained: no open webhook needs this version; its workers can be stopped',
} as const;
