/** What the receipt of an erasure says: what, and what it could not reach. Holds no personal data. Pure. */
import { tabbed } from '../../process/tabbed.ts';
import type { ErasedWebhook, EraseStep, KnownSoFar } from './erase-webhook.ts';
import { storedInWords } from './stored-in.ts';
import { counted } from '../../process/counted.ts';

/** What this command never deletes. */
const NOT_REACHED: readonly string[] = [
  'copies that the receivers made: ask them; hosts and webhook ids stand in this receipt',
  'backups and replicas of Temporal, its archive if archival is on, and backups and replicas of the log',
  "the engine's own database, outbox and recordings",
  'log lines of workers, which hold ids and hosts only',
];

/** The same of this erasure. */
export function notReached(items: readonly ErasedWebhook[]): readonly string[] {
  const objects = items.reduce((sum, { stored }) => sum + stored.length, 0);
  if (objects === 0) return NOT_REACHED;
  return [
    `${counted(objects, 'object')} of your external storage: delete them by their claim, ` +
      'which the receipt lists (docs/big-bodies.md)',
    ...NOT_REACHED,
  ];
}

/** One line of the receipt for people: what came of a webhook, and by which hosts and ids its receivers know it. */
export function lineOf({ workflowId, outcome, words, hosts, webhookIds }: ErasedWebhook): string {
  return tabbed(workflowId, outcome, words, hosts.join(' '), webhookIds.join(' '));
}

/** The objects of an external storage that a webhook refers to, a line for each: who deletes them finds them by their
 *  claim. */
export function storedLines({ workflowId, stored }: Pick<ErasedWebhook, 'workflowId' | 'stored'>): readonly string[] {
  return stored.map(({ driver, claim }) => tabbed(workflowId, 'stored', driver, JSON.stringify(claim)));
}

/** The webhooks in the middle of which the command was ended. A dry run has none, since it deletes nothing. */
export function cutOff(underWay: Iterable<KnownSoFar>, dryRun: boolean): readonly ErasedWebhook[] {
  if (dryRun) return [];
  const words = 'interrupted in the middle: some of it may be deleted; erase it again';
  return Array.from(underWay, (known) => {
    return { ...known, outcome: 'failed', words: `${words}${storedInWords(known.stored)}` };
  });
}

/** What is waited for, in words. `steps`: of the webhooks that are being erased now. */
export function stepsInWords(steps: readonly EraseStep[]): string {
  const ending = steps.filter((step) => step === 'ending').length;
  const deleting = steps.length - ending;
  return [
    ...(ending === 0 ? [] : [`${counted(ending, 'waits', 'wait')} for the end of what was cancelled`]),
    // By the server's default. With our settings it takes some 5 s: docs/erasure.md.
    ...(deleting === 0
      ? []
      : [`${counted(deleting, 'waits', 'wait')} for the server, which deletes an ended run within a minute`]),
  ].join(', ');
}

/** The counts in words. Of nothing it says for whom nothing was found. */
export function countsInWords(words: string, items: readonly ErasedWebhook[], account: string | undefined): string {
  if (items.some(({ outcome }) => outcome !== 'nothing')) return words;
  return `nothing found${account === undefined ? '' : ` for account ${account}`}`;
}
