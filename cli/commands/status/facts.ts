/** What the words of `status` need besides the status itself. */
import type { Client } from '@temporalio/client';
import { foundRun } from '../../../client/find-webhooks.ts';
import { ignoredSignals } from '../../../client/run-status.ts';
import { ladderOf, resetOf } from '../../../client/next-attempts.ts';
import { readRun } from '../../../client/read-run.ts';
import type { RunFacts } from '../../../client/run-facts.ts';
import { isFinal, type WebhookStatus } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { runsOfWorkflow } from '../../../client/runs-of-workflow.ts';
import { ignoredInWords } from './ignored.ts';
import { inWords, reading } from './reading.ts';
import type { EarlierRun, StatusFacts } from './words.ts';

const MAX_EARLIER = 10;

/** Reads the facts; of the run itself only what `known` has not. Never rejects: a server that is slow now costs only
 *  these facts, and `unread` says so. */
export async function factsFor(
  client: Client,
  status: WebhookStatus,
  runId: string | undefined,
  known?: RunFacts,
): Promise<StatusFacts> {
  const { workflowId } = status;
  try {
    const run = known ?? (await reading(client, workflowId, () => readRun(client, workflowId, runId)));
    return {
      isOpen: run.status === 'RUNNING',
      ignored: ignoredSignals(run).map((signal) => ignoredInWords(signal, status)),
      nowMs: Date.now(),
      ...given({ runId, retryDelaysMs: ladderOf(run), resetOf: resetOf(run) }),
      ...(await earlierRuns(client, run)),
    };
  } catch (error) {
    // A run that stands still, or has not begun, is open, although its deliveries may have ended.
    const isOpen = !isFinal(status.state) || status.stalled !== undefined || status.settlesUntil !== undefined;
    const unread = `earlier runs and signals without effect could not be read: ${wordsOf(error)}`;
    return { isOpen, ignored: [], earlier: [], unread, nowMs: Date.now(), ...given({ runId }) };
  }
}

async function earlierRuns(client: Client, { workflowId, runId }: RunFacts): Promise<Pick<StatusFacts, EarlierFact>> {
  try {
    const runs = await inWords(client, `listing the runs of ${workflowId}`, () =>
      runsOfWorkflow(client, workflowId, MAX_EARLIER + 2),
    );
    const startedAt = runs.find((each) => each.runId === runId)?.startTime.getTime() ?? Infinity;
    const earlier = runs.map(foundRun).filter((each) => each.runId !== runId && each.startedAt.getTime() < startedAt);
    const listed = earlier.slice(0, MAX_EARLIER).map((each) => ({
      runId: each.runId,
      state: each.state,
      ...given({ endedAt: each.endedAt?.toISOString() }),
    }));
    const cut = `only the latest ${MAX_EARLIER} earlier runs are listed; topcalls-webhooks db show has all that ended`;
    return { earlier: listed, ...given({ unread: earlier.length > MAX_EARLIER ? cut : undefined }) };
  } catch (error) {
    return { earlier: [], unread: `earlier runs could not be read: ${wordsOf(error)}` };
  }
}

/** The facts with all that the earlier runs did. Never rejects: a run that cannot be read says why. */
export async function withEarlierRead(
  facts: StatusFacts,
  read: (runId: string) => Promise<WebhookStatus>,
): Promise<StatusFacts> {
  const earlier: EarlierRun[] = [];
  for (const run of facts.earlier) earlier.push({ ...run, read: await read(run.runId).catch(wordsOf) });
  return { ...facts, earlier };
}

type EarlierFact = 'earlier' | 'unread';

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
