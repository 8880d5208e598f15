/** Erases one webhook: cancels what goes on, deletes the runs, then the rows, and looks whether they are gone. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { factsOf, inDeadline, REQUEST_TIMEOUT_MS } from '../../../client/deadlines.ts';
import { clientErrorOf } from '../../../client/client-error-of.ts';
import { saysNotFound } from '../../../client/grpc-answers.ts';
import type { StoredObject } from '../../../client/stored-payloads.ts';
import { withoutMemos } from '../../../client/without-memos.ts';
import { findErasable, ifNotFound, isNothing, runsOf } from './find-erasable.ts';
import type { Erasable, ErasableRun, Found, Meant, Places } from './find-erasable.ts';
import { storedIn, storedInWords } from './stored-in.ts';
import { counted } from '../../process/counted.ts';

/** What came of one webhook. Ids, hosts and hashes only. */
export type ErasedWebhook = {
  readonly workflowId: string;
  /** `erased`: it was there, and is there no more. `nothing`: neither server nor log has anything of it. `would`: it is
   *  there, and this was a dry run. `failed`: something of it is still there. */
  readonly outcome: 'erased' | 'nothing' | 'would' | 'failed';
  readonly words: string;
  readonly runIds: readonly string[];
  readonly records: number;
  readonly webhookIds: readonly string[];
  readonly hosts: readonly string[];
  readonly bodySha256: readonly string[];
  /** Objects of the host's external storage, which stay there. Who deletes them finds them by their claim. */
  readonly stored: readonly StoredObject[];
};

/** What `erase` waits for. `ending`: for the end of a run that it has cancelled. `deleting`: for the server, which
 *  deletes in the background. */
export type EraseStep = 'ending' | 'deleting';

/** What is known of a webhook while it is being erased. What comes of it is not. */
export type KnownSoFar = Omit<ErasedWebhook, 'outcome' | 'words'>;

/** Who watches an erasure. `onStep`: a long wait begins. `onKnown`: more is known. It is called before the runs go,
 *  with the objects of an external storage: nothing else knows them afterwards. */
export type Watch = {
  readonly onStep?: (step: EraseStep) => void;
  readonly onKnown?: (known: KnownSoFar) => void;
};

/** Looks only. Never rejects. */
export function wouldErase(places: Places, meant: Meant, watch: Watch = {}): Promise<ErasedWebhook> {
  return told(places, meant, watch, async (found, { stores }) => {
    if (isNothing(found)) return nothing(meant);
    const stored = stores(await storedIn(places.client, meant.workflowId, found.runs));
    return { outcome: 'would', words: `would delete ${inWords(found, places)}${storedInWords(stored)}` };
  });
}

/** Erases. Never rejects: what cannot be deleted is an outcome. `waitMs`: how long a cancelled run may take to end. */
export function eraseWebhook(places: Places, meant: Meant, waitMs: number, watch: Watch = {}): Promise<ErasedWebhook> {
  const { workflowId } = meant;
  const { onStep = () => {} } = watch;
  return told(places, meant, watch, async (found, { sees, stores }) => {
    if (isNothing(found)) return nothing(meant);
    if (found.runs.some(({ isOpen }) => isOpen)) onStep('ending');
    await endRuns(places.client, workflowId, found.runs, waitMs);
    // Once more: a run that was cancelled has recorded its end.
    const ended = sees(await findErasable(places, { workflowId, known: found.known }));
    // Before their runs go: then nobody would know where they are.
    const stored = stores(await storedIn(places.client, workflowId, ended.runs));
    onStep('deleting');
    await deleteRuns(places.client, workflowId, ended.runs);
    const deleted = await deleteRows(places, ended);
    const left = await findErasable(places, { workflowId, known: ended.known });
    if (!isNothing(left))
      throw new StillThere(`${inWords(left, places)} stayed, or came back meanwhile: erase it again`);
    const words = `deleted ${inWords({ ...ended, records: deleted }, places)}${storedInWords(stored)}`;
    return { outcome: 'erased', words };
  });
}

function nothing({ doubt }: Meant): Told {
  const words = 'nothing left: neither the server nor the log has it';
  return { outcome: 'nothing', words: doubt === undefined ? words : `${words}; ${doubt}` };
}

/** `2 runs, 3 log records`. A log may serve several namespaces, so rows without a run are told with the namespace. */
function inWords({ runs, records }: Erasable, { client }: Places): string {
  const open = runs.filter(({ isOpen }) => isOpen).length;
  const goesOn = open === 0 ? '' : `, ${open} of which still go${open === 1 ? 'es' : ''} on`;
  const rowsOnly = runs.length === 0 && records > 0 ? `; no run in namespace ${client.options.namespace}` : '';
  return `${counted(runs.length, 'run')}${goesOn}, ${counted(records, 'log record')}${rowsOnly}`;
}

/** Something could not be deleted. The message says what. */
class StillThere extends Error {}

type Told = Pick<ErasedWebhook, 'outcome' | 'words'>;

/** What the work tells as soon as it knows it: a failure afterwards must not lose it. */
type Notes = {
  readonly sees: (found: Found) => Found;
  readonly stores: (stored: readonly StoredObject[]) => readonly StoredObject[];
};

async function told(
  places: Places,
  meant: Meant,
  { onKnown = () => {} }: Watch,
  work: (found: Found, notes: Notes) => Promise<Told>,
): Promise<ErasedWebhook> {
  const { workflowId } = meant;
  let known: KnownSoFar = {
    workflowId,
    stored: [],
    runIds: [],
    records: 0,
    webhookIds: [],
    hosts: [],
    bodySha256: [],
  };
  const learn = (more: Partial<KnownSoFar>): void => onKnown((known = { ...known, ...more }));
  const sees = (found: Found): Found => {
    const { runs, records, webhookIds, hosts, bodySha256 } = found;
    learn({ runIds: runs.map(({ runId }) => runId), records, webhookIds, hosts, bodySha256 });
    return found;
  };
  const stores: Notes['stores'] = (stored) => {
    learn({ stored });
    return stored;
  };
  const result = await (async (): Promise<Told> => {
    try {
      const found = sees(await findErasable(places, meant));
      if (places.log !== undefined && found.known.filters.length === 0) throw rowsNotSeen(workflowId);
      return await work(found, { sees, stores });
    } catch (error) {
      const what = `erasing ${workflowId}`;
      const facts = factsOf(places.client, { what, kind: 'control', timeoutMs: REQUEST_TIMEOUT_MS });
      return { outcome: 'failed', words: `${clientErrorOf(error, facts).message}${storedInWords(known.stored)}` };
    }
  })();
  return { ...known, ...result };
}

/** Its runs could be deleted. Then nobody would find its rows any more. */
function rowsNotSeen(workflowId: string): StillThere {
  const names = workflowId.startsWith('call-webhook/') ? 'the whole call id, a webhook id' : 'a webhook id';
  return new StillThere(
    `the workflow id has only a hash of a long id, which the log does not know, so nothing was deleted: ` +
      `name ${names} (msg_…) or its --account, or give the worker's encryption keys while a run is left`,
  );
}

async function deleteRows({ log }: Places, { webhookIds }: Erasable): Promise<number> {
  if (log === undefined) return 0;
  try {
    return await log.erase(webhookIds);
  } catch (error) {
    const [again = 'it'] = webhookIds;
    throw new StillThere(
      `the runs are deleted and the log rows are not; erase ${again} again. The log says: ${String(error)}`,
    );
  }
}

/** Asks until `isDone`, ever more rarely. Returns false if that takes longer than `withinMs`. */
async function until(withinMs: number, isDone: () => Promise<boolean>): Promise<boolean> {
  const deadlineMs = Date.now() + withinMs;
  for (let pauseMs = 100; !(await isDone()); pauseMs = Math.min(2 * pauseMs, 2_000)) {
    if (Date.now() >= deadlineMs) return false;
    await delay(pauseMs);
  }
  return true;
}

/** Cancels the runs that go on and waits for their end. Deleting a run terminates it. An attempt in flight would then
 *  still write its record into the log. */
async function endRuns(
  client: Client,
  workflowId: string,
  runs: readonly ErasableRun[],
  waitMs: number,
): Promise<void> {
  for (const { runId } of runs.filter(({ isOpen }) => isOpen)) {
    const run = withoutMemos(client).getHandle(workflowId, runId);
    // The server's own request and no signal: it needs no codec.
    await inDeadline(client, () => run.cancel()).catch(ifNotFound);
    const hasEnded = await until(waitMs, async () => {
      const described = await inDeadline(client, () => run.describe()).catch(ifNotFound);
      return described?.status.name !== 'RUNNING';
    });
    if (hasEnded) continue;
    const why = `run ${runId} was cancelled and has not ended within ${waitMs / 1_000} s`;
    throw new StillThere(`${why}, so nothing was deleted: "status" says why; then erase again, with a longer --wait`);
  }
}

/** How long the server may take to delete what it was told to. It does so in the background, and a run that has just
 *  closed only after two of its queues have noted that: each every 30 s by default. An erasure of 54 s was seen. */
const DELETED_WITHIN_MS = 120_000;

async function deleteRuns(client: Client, workflowId: string, runs: readonly ErasableRun[]): Promise<void> {
  for (const { runId } of runs) {
    const workflowExecution = { workflowId, runId };
    await inDeadline(client, () =>
      client.workflowService.deleteWorkflowExecution({ namespace: client.options.namespace, workflowExecution }),
    ).catch((error: unknown) => {
      // The list lags behind, so it may name a run that is gone.
      if (!saysNotFound(error)) throw error;
    });
  }
  let left = runs;
  const isGone = await until(DELETED_WITHIN_MS, async () => {
    left = await runsOf(client, workflowId);
    return left.length === 0;
  });
  if (isGone) return;
  const ids = left.map(({ runId }) => runId).join(', ');
  throw new StillThere(`the server took the request and still shows run ${ids}; log rows were kept: erase it again`);
}
