/** The versions of workers, as the doctor's lines tell them. Pure. */
import type { Poller } from '../../../client/task-queue.ts';
import type { VersionsSeen } from './facts.ts';
import { counted } from '../../process/counted.ts';

/** `webhooks:0.2.0 current, 2 workers; webhooks:0.1.0 draining, 1 worker`. Versions with neither worker nor run are
 *  left out. */
export function versionsInWords({ versions, unversioned }: VersionsSeen): string {
  const told = versions
    .filter(({ workers, openRuns = 0, status }) => workers > 0 || openRuns > 0 || status === 'current')
    .map(({ version, status, workers }) => `${version} ${status}, ${counted(workers, 'worker')}`);
  return [...told, ...(unversioned === 0 ? [] : [`without a version, ${counted(unversioned, 'worker')}`])].join('; ');
}

/** ` (0.1.0, 0.2.0)`: the versions of this package that workers name in their identity. Empty if none does. */
export function packagesInWords(pollers: readonly Poller[]): string {
  const versions = pollers.flatMap(({ identity }) => / topcalls-webhooks\/(\S+)$/.exec(identity)?.slice(1) ?? []);
  return versions.length === 0 ? '' : ` (${[...new Set(versions)].toSorted().join(', ')})`;
}
