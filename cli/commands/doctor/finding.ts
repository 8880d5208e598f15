/** One thing that is wrong, as the doctor tells it. */

/** `trouble`: webhooks do not go out, or outcomes are not kept. `warning`: not so yet, or a person wants it so. */
export type Severity = 'trouble' | 'warning';

/** One thing that is wrong. */
export type Finding = {
  /** For programs; docs/operate.md lists all of them. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What was seen and what it means, in a sentence. */
  readonly problem: string;
  /** The command or the action that helps. */
  readonly fix: string;
  /** How many runs it is about; absent if there may be more than were looked at. */
  readonly runs?: number;
  /** Workflow ids of some of them. */
  readonly examples?: readonly string[];
};

/** Every finding that there is. */
export const FINDING_CODES = [
  'server',
  'namespace',
  'retention',
  'search_attributes',
  'no_worker',
  'worker_silent',
  'wrong_queue',
  'version_not_current',
  'version_gone',
  'backlog',
  'limited',
  'runs_overdue',
  'runs_stuck',
  'runs_paused',
  'waiting_for_us',
  'waiting_for_log',
  'waiting_for_notify',
  'unrecorded',
  'database',
  'schema',
  'secrets',
  'encryption_keys',
  'certificate',
  'fairness',
  'clock',
  'maintenance',
  'not_seen',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];
