/** What the checks share: the logs, with the posts and rows put in order. Pure. */
import { foldPosts } from './fold-posts.ts';
import type { Post } from './fold-posts.ts';
import { grouped } from './grouped.ts';
import type { RowLine, RunLine, SoakLogs } from './log-lines.ts';

/** The logs and what they come to. */
export type Facts = SoakLogs & {
  readonly runs: readonly RunLine[];
  readonly rows: readonly RowLine[];
  readonly posts: readonly Post[];
  readonly postsById: ReadonlyMap<string, readonly Post[]>;
  readonly rowBy: ReadonlyMap<string, RowLine>;
};

/** Puts the logs in order. */
export function gather(logs: SoakLogs): Facts {
  const runs = logs.final.filter((line) => line.type === 'run');
  const rows = logs.final.filter((line) => line.type === 'row');
  const posts = foldPosts(logs.receiver, runs);
  const rowBy = new Map(rows.map((row) => [keyOf(row), row]));
  return { ...logs, runs, rows, posts, postsById: grouped(posts, ({ id }) => id), rowBy };
}

/** What is recorded once: one webhook id in one cycle, by one run. Only a reset gives a cycle a second run. */
export type Recorded = { readonly webhookId: string; readonly cycle: number; readonly runId: string };

/** The recorded thing by name. */
export function keyOf({ webhookId, cycle, runId }: Recorded): string {
  return `${webhookId} cycle ${cycle} of run ${runId}`;
}

/** The delivery of this webhook id by this run, by the same name. */
export function keyIn({ cycle, runId }: RunLine, webhookId: string): string {
  return keyOf({ webhookId, cycle, runId });
}

/**
 * The row of what this run did with the webhook id. A run that came from a reset to a later decision has the record in the
 * part of its history that was copied; it writes none, and the row names the run that did.
 */
export function rowOf({ rows, rowBy }: Facts, run: RunLine, webhookId: string): RowLine | undefined {
  const own = rowBy.get(keyIn(run, webhookId));
  if (own !== undefined || run.resetFrom === undefined) return own;
  const others = rows.filter((row) => row.webhookId === webhookId && row.cycle === run.cycle);
  const told = run.deliveries.find((delivery) => delivery.webhookId === webhookId);
  return others.find(({ state }) => state === told?.state) ?? others[0];
}

/** A POST, for people who look for it in the logs. */
export function inWords({ n, hook, id, attempt, status }: Post): string {
  return `POST ${n} (${id}, ${hook}, attempt ${attempt}, ${status ?? 'not answered'})`;
}
