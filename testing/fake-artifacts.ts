/** The artifacts that a test gives a call, in the place of the host's artifact source. Pure. */
import { NO_ARTIFACTS, type CollectedArtifacts, type TranscriptEntry } from '../contract/collected-artifacts.ts';
import { expectsArtifacts } from '../contract/run-life.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';

/** What the host's artifact source has. What is missing is `unavailable`. */
export type FakeArtifacts = {
  readonly recording?: string;
  readonly transcript?: readonly TranscriptEntry[];
  readonly summary?: string;
};

/** What the source would have answered for this run. */
export function collected(input: AnyRunInput, { recording, transcript, summary }: FakeArtifacts): CollectedArtifacts {
  if (!expectsArtifacts(input) || !('expects' in input)) return NO_ARTIFACTS;
  const { expects } = input;
  const of = <T>(isExpected: boolean, value: T | undefined) => {
    if (!isExpected) return { status: 'not_expected' } as const;
    return value === undefined ? ({ status: 'unavailable' } as const) : ({ status: 'ready', value } as const);
  };
  return {
    recording: of(expects.recording, recording),
    transcript: of(expects.transcript, transcript),
    summary: of(expects.summary, summary),
  };
}
