/** Looks at the versions of workers on our task queue: which is current, who polls, which open runs wait for one. */
import type { Client } from '@temporalio/client';
import { inDeadline } from '../../../client/deadlines.ts';
import { OUR_TYPES, listedRuns, quoted } from '../../../client/runs-of-workflow.ts';
import { currentOfQueue, hasJustPolled, pollersOf } from '../../../client/task-queue.ts';
import { findDeployment, versionId, versionName } from '../../../client/worker-versions.ts';
import type { VersionSeen, VersionsSeen } from './facts.ts';

/** Undefined if no worker of the queue has a version, and none is current. `nowMs`: the server's time, if known.
 *  Rejects with what the SDK throws. */
export async function lookAtVersions(
  client: Client,
  taskQueue: string,
  nowMs: () => number | undefined,
): Promise<VersionsSeen | undefined> {
  const { namespace } = client.options;
  const [current, pollers] = await Promise.all([
    inDeadline(client, () => currentOfQueue(client.workflowService, namespace, taskQueue)),
    pollersOf(client, taskQueue, 'workflow'),
  ]);
  const known = [current, ...pollers.map(({ version }) => version)].filter((name) => name !== undefined);
  if (known.length === 0) return undefined;
  const live = pollers.filter((poller) => hasJustPolled(poller, nowMs()));
  const seen = (version: string, status: VersionSeen['status']): VersionSeen => ({
    version,
    status,
    workers: live.filter((poller) => poller.version === version).length,
  });
  const names = [...new Set(known.map((name) => versionId(name).deploymentName))];
  const deployments = await Promise.all(
    names.map((name) => inDeadline(client, () => findDeployment(client.workflowService, namespace, name))),
  );
  const versions = deployments
    .flatMap((deployment) =>
      (deployment?.versions ?? []).map(({ buildId, status }) =>
        seen(versionName({ deploymentName: deployment?.deploymentName ?? '', buildId }) ?? '', status),
      ),
    )
    // Temporal remembers versions that ended long ago.
    .filter(({ status, workers }) => status !== 'drained' || workers > 0);
  return {
    ...(current === undefined ? {} : { current }),
    unversioned: live.filter(({ version }) => version === undefined).length,
    versions: await Promise.all(versions.map((version) => withOpenRuns(client, version))),
  };
}

/** Examples of a finding. */
const MAX_EXAMPLES = 5;

/** Runs are looked for only where nobody would go on with them. */
async function withOpenRuns(client: Client, seen: VersionSeen): Promise<VersionSeen> {
  if (seen.workers > 0) return seen;
  const pinned = `TemporalWorkerDeploymentVersion = ${quoted(seen.version)}`;
  const query = `${OUR_TYPES} AND ExecutionStatus = 'Running' AND ${pinned}`;
  const [{ count }, runs] = await Promise.all([
    inDeadline(client, () => client.workflow.count(query)),
    listedRuns(client, query, MAX_EXAMPLES),
  ]);
  return { ...seen, openRuns: count, examples: runs.map(({ workflowId }) => workflowId) };
}
