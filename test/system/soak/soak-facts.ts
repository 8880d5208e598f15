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
  /** Keys of deliveries whose run was reset: several runs deliver them, in the same cycle. */
  readonly resetKeys: ReadonlySet<string>;
};

/** Puts the logs in order. */
export function gather(logs: SoakLogs): Facts {
  const runs = logs.final.filter((line) => line.type === 'run');
  const rows = logs.final.filter((line) => line.type === 'row');
  const posts = foldPosts(logs.receiver, runs);
  const rowBy = new Map(rows.map((row) => [keyOf(row), row]));
  const resetKeys = new Set(
    runs
      .filter(({ resetFrom }) => resetFrom !== undefined)
      .flatMap(({ endpoints, cycle }) => endpoints.map(({ webhookId }) => keyOf({ webhookId, cycle }))),
  );
  return { ...logs, runs, rows, posts, postsById: grouped(posts, ({ id }) => id), rowBy, resetKeys };
}

/** A delivery: one webhook id in one cycle. */
export function keyOf({ webhookId, cycle }: { readonly webhookId: string; readonly cycle: number }): string {
  return `${webhookId} cycle ${cycle}`;
}

/** A POST, for people who look for it in the logs. */
export function inWords({ n, hook, id, attempt, status }: Post): string {
  return `POST ${n} (${id}, ${hook}, attempt ${attempt}, ${status ?? 'not answered'})`;
}
