/** The receiver's lines → one POST each, with the run that sent it. Pure. */
import type { ArrivedLine, ReceiverLine } from '../../support/receiver-lines.ts';
import type { RunLine } from './log-lines.ts';

/** One POST as a receiver saw it. */
export type Post = ArrivedLine & {
  /** Undefined where nothing was answered. */
  readonly status: number | undefined;
  readonly answeredAt: number | undefined;
  /** When the connection was done with; undefined where it still stood at the end. */
  readonly endedAt: number | undefined;
  /** The latest run of its webhook id that had begun when it came. Undefined: nobody's. */
  readonly run: RunLine | undefined;
};

/** POSTs in the order they came. */
export function foldPosts(receiver: readonly ReceiverLine[], runs: readonly RunLine[]): Post[] {
  const byId = new Map<string, RunLine[]>();
  for (const run of runs.toSorted((one, other) => one.startedAt - other.startedAt)) {
    for (const { webhookId } of run.endpoints) byId.set(webhookId, [...(byId.get(webhookId) ?? []), run]);
  }
  const answers = new Map<number, { readonly at: number; readonly status: number }>();
  const ends = new Map<number, number>();
  for (const line of receiver) {
    if (line.type === 'answering') answers.set(line.n, line);
    if (line.type === 'ended') ends.set(line.n, line.at);
  }
  return receiver
    .filter((line) => line.type === 'arrived')
    .map((line) => ({
      ...line,
      status: answers.get(line.n)?.status,
      answeredAt: answers.get(line.n)?.at,
      endedAt: ends.get(line.n),
      run: byId.get(line.id)?.findLast(({ startedAt }) => startedAt <= line.at),
    }));
}

/** Was it taken? */
export function isTaken({ status }: Post): boolean {
  return status !== undefined && status >= 200 && status < 300;
}
