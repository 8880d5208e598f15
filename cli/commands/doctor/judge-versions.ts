/** Judges the versions of workers: does a current one poll, and do open runs wait for one that is gone. Pure. */
import { setCurrentCommand, unsetCurrentCommand, versionId } from '../../../client/worker-versions.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import type { VersionsSeen } from './facts.ts';
import type { Finding } from './finding.ts';
import { counted } from '../../process/counted.ts';

/** What is wrong with them. Nothing if workers have no versions, or if no worker polls at all: that is told already. */
export function ofVersions(seen: VersionsSeen | undefined, namespace: string | undefined): Finding[] {
  if (seen === undefined) return [];
  return [...notCurrent(seen, namespace), ...gone(seen)];
}

function notCurrent({ current, unversioned, versions }: VersionsSeen, namespace: string | undefined): Finding[] {
  const polling = versions.filter(({ workers }) => workers > 0);
  const takes =
    polling.some(({ status }) => status === 'current' || status === 'ramping') ||
    (current === undefined && unversioned > 0);
  if (takes || polling.length + unversioned === 0) return [];
  const who = polling.map(({ version }) => version).join(', ');
  const polls = who === '' ? 'workers without a version poll' : `workers of ${oneLine(who)} poll`;
  const but = current === undefined ? 'no version is current' : `no worker of the current ${oneLine(current)} does`;
  const newest = polling.find(({ status }) => status !== 'drained') ?? polling[0];
  // Without a version that polls, one is current: else workers without a version would get the runs.
  const fix =
    newest === undefined
      ? `start a worker of the current version, or: ${unsetCurrentCommand(versionId(current ?? ''), namespace)}`
      : setCurrentCommand(versionId(newest.version), namespace);
  return [
    {
      code: 'version_not_current',
      severity: 'trouble',
      problem: `${polls}, and ${but}: new webhooks wait, none is lost`,
      fix,
    },
  ];
}

function gone({ versions }: VersionsSeen): Finding[] {
  return versions.flatMap(({ version, workers, openRuns = 0, examples = [] }) => {
    if (workers > 0 || openRuns === 0) return [];
    const began = `${counted(openRuns, 'run')} began on ${oneLine(version)}, of which no worker polls`;
    return [
      {
        code: 'version_gone' as const,
        severity: 'trouble' as const,
        problem: `${began}: they wait, none is lost`,
        fix: 'start a worker of that version, or let the runs go to the current one (docs/upgrade.md)',
        runs: openRuns,
        examples: examples.map(oneLine),
      },
    ];
  });
}
