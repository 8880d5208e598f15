/** What a person may want to know although it is not wrong: one worker alone, or a part that was not looked at. Pure. */
import { oneLine } from '../../../contract/shown-text.ts';
import type { Facts, ServerSeen, VersionSeen } from './facts.ts';

/** One sentence each. Empty if there is nothing to say. */
export function notesOn({ server, secrets, taskQueue }: Facts): readonly string[] {
  return [
    ...(server.is === 'there' ? ofWorkers(server.seen, taskQueue) : []),
    ...(secrets.is === 'unset' ? [`${secrets.words}: whether the workers have signing secrets was not looked at`] : []),
  ];
}

function ofWorkers({ queues, versions, workers }: ServerSeen, taskQueue: string): string[] {
  const ours = queues.find((queue) => queue.taskQueue === taskQueue && queue.kind === 'workflow');
  const current = versions?.versions.find(({ status }) => status === 'current');
  const drained = (versions?.versions ?? []).filter(({ status, workers }) => status === 'drained' && workers > 0);
  return [
    // Where none answered, that is trouble and told as such.
    ...(workers !== 'silent' && (current?.workers ?? ours?.live) === 1
      ? [`one worker alone ${takes(current)}: while it restarts, webhooks wait; run two or more`]
      : []),
    ...drained.map(({ version }) => `${oneLine(version)} is drained: its workers can be stopped`),
  ];
}

/** Workers of other versions take no webhook that begins now. */
function takes(current: VersionSeen | undefined): string {
  return current === undefined ? 'polls' : `has the current version ${oneLine(current.version)}`;
}
