/** Log lines about artifacts that are odd, late or will not come. They name fields, lines and kinds, never a value. */
import { Context } from '@temporalio/activity';
import { ARTIFACT_NAMES } from '../contract/delivery-state.ts';
import type { JudgedAnswer, Unreadable } from '../contract/schemas/artifacts.ts';
import type { ActivityLog } from './activity-log.ts';

/** Most runs that are remembered. The line of one that is forgotten is written a second time. */
const MAX_TOLD = 1_000;

export class ArtifactLines {
  readonly #say: ActivityLog;
  /** Runs whose unreadable artifacts were told. Polls repeat every 5 s; an operator needs one line. */
  readonly #told = new Set<string>();

  constructor(say: ActivityLog) {
    this.#say = say;
  }

  /** Tells at error level which artifacts cannot be read, once for each set of them in one run. */
  tellUnreadable(callId: string, unreadable: readonly Unreadable[]): void {
    if (unreadable.length === 0) return;
    const { runId = callId } = Context.current().info.workflowExecution ?? {};
    const key = [runId, ...unreadable.map(({ artifact }) => artifact)].join('/');
    if (this.#told.has(key)) return;
    const [oldest] = this.#told;
    if (this.#told.size >= MAX_TOLD && oldest !== undefined) this.#told.delete(oldest);
    this.#told.add(key);
    const fix = 'fix the artifact source; it is asked again until the artifact deadline';
    this.#say.error('webhook.artifacts_unreadable', { callId, unreadable, fix });
  }

  /** Tells what the body lacks, why, and what was mended. Call it once the artifacts are decided. */
  tellEnd(callId: string, { artifacts, unreadable, mended }: JudgedAnswer): void {
    const isUnreadable = new Set(unreadable.map(({ artifact }) => artifact));
    const missing = ARTIFACT_NAMES.filter((name) => artifacts[name] === undefined && !isUnreadable.has(name));
    if (missing.length > 0) this.#say.warn('webhook.artifacts_timed_out', { callId, missing });
    if (mended.length > 0) this.#say.warn('webhook.artifacts_mended', { callId, mended });
    const reasons = ARTIFACT_NAMES.flatMap((artifact) => {
      const judged = artifacts[artifact];
      return judged?.status === 'unavailable' && judged.reason !== undefined
        ? [{ artifact, reason: shownReason(judged.reason) }]
        : [];
    });
    if (reasons.length > 0) this.#say.info('webhook.artifacts_unavailable', { callId, unavailable: reasons });
  }
}

/** A short reason of letters. Other text of the host may hold a phone number or a URL, which no log line has. */
function shownReason(reason: string): string {
  return /^[a-z][a-z _-]{0,39}$/i.test(reason) ? reason : 'in the history';
}
