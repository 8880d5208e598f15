/**
 * The versions of workers that Temporal knows: Worker Deployments, and what their versions are for. The doctor and
 * `worker --check` ask it, and a worker asks for itself. A version is written `deployment:build`, as Temporal's search
 * attribute `TemporalWorkerDeploymentVersion` writes it.
 */
import type { WorkflowExecutionDescription, WorkflowService } from '@temporalio/client';
import { grpcCauseOf, statusNameOf } from './grpc-answers.ts';
import { namespaceOption, shellWord } from './shell-word.ts';

/** - `current`, `ramping`: runs that begin go to it, all of them or a share
 *  - `draining`: no run begins there, and open runs stay with it
 *  - `drained`: no open run needs it
 *  - `inactive`: it was never current */
export type VersionStatus = 'current' | 'ramping' | 'draining' | 'drained' | 'inactive';

/** One build of the workers of a deployment. */
export type VersionId = { readonly deploymentName: string; readonly buildId: string };

/** A deployment. `currentBuildId` is undefined while no version of it is current. */
export type Deployment = {
  readonly deploymentName: string;
  readonly currentBuildId: string | undefined;
  readonly versions: readonly { readonly buildId: string; readonly status: VersionStatus }[];
};

/** temporal.api.enums.v1.WorkerDeploymentVersionStatus, which @temporalio/client does not export. */
const STATUSES: Readonly<Record<number, VersionStatus>> = { 2: 'current', 3: 'ramping', 4: 'draining', 5: 'drained' };

/** `webhooks:0.1.0`. Undefined for what is no version. */
export function versionName(
  id: { readonly deploymentName?: string | null; readonly buildId?: string | null } | null | undefined,
): string | undefined {
  return id?.deploymentName && id.buildId ? `${id.deploymentName}:${id.buildId}` : undefined;
}

/** The version that `versionName` wrote. A deployment's name has no colon. */
export function versionId(name: string): VersionId {
  const colon = name.indexOf(':');
  return { deploymentName: name.slice(0, colon), buildId: name.slice(colon + 1) };
}

/** The version that the run is pinned to, unless an operator lets it go to the current one. */
export function versionOf({ workflowExecutionInfo }: WorkflowExecutionDescription['raw']): string | undefined {
  const { behavior, deploymentVersion, versioningOverride } = workflowExecutionInfo?.versioningInfo ?? {};
  if (versioningOverride?.pinned?.version) return versionName(versioningOverride.pinned.version);
  const isPinned = Number(behavior) === PINNED && versioningOverride?.autoUpgrade !== true;
  return isPinned ? versionName(deploymentVersion) : undefined;
}

/** VERSIONING_BEHAVIOR_PINNED */
const PINNED = 1;

/** The deployment; undefined if the server knows none of this name, or has no versions of workers. Rejects with what
 *  the SDK throws. */
export async function findDeployment(
  service: WorkflowService,
  namespace: string,
  deploymentName: string,
): Promise<Deployment | undefined> {
  try {
    const { workerDeploymentInfo } = await service.describeWorkerDeployment({ namespace, deploymentName });
    const { routingConfig, versionSummaries } = workerDeploymentInfo ?? {};
    return {
      deploymentName,
      currentBuildId: routingConfig?.currentDeploymentVersion?.buildId || undefined,
      versions: (versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
        buildId: deploymentVersion?.buildId ?? '',
        status: STATUSES[Number(status)] ?? 'inactive',
      })),
    };
  } catch (error) {
    const status = statusNameOf(grpcCauseOf(error));
    if (status === 'NOT_FOUND' || status === 'UNIMPLEMENTED') return undefined;
    throw error;
  }
}

/** What a version is for. One that the server has not seen yet is `inactive`. */
export function statusOf(deployment: Deployment | undefined, buildId: string): VersionStatus {
  return deployment?.versions.find((version) => version.buildId === buildId)?.status ?? 'inactive';
}

/** The command that sends the runs that begin to this version. With `--yes`: else it asks, and ends where nobody
 *  answers. */
export function setCurrentCommand({ deploymentName, buildId }: VersionId, namespace?: string): string {
  return setCurrent(deploymentName, `--build-id ${shellWord(buildId)}`, namespace);
}

/** The command that sends the runs that begin to workers without a version. */
export function unsetCurrentCommand({ deploymentName }: Pick<VersionId, 'deploymentName'>, namespace?: string): string {
  return setCurrent(deploymentName, '--unversioned', namespace);
}

/** Whoever may poll chooses such names, and a person pastes the command into a shell. */
function setCurrent(deploymentName: string, version: string, namespace = 'default'): string {
  const name = `--deployment-name ${shellWord(deploymentName)}`;
  const where = namespaceOption(namespace, '--namespace');
  return `temporal worker deployment set-current-version ${name} ${version}${where} --yes`;
}
