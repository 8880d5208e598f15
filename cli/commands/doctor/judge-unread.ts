/** Judges what could not be looked at: Temporal does not answer, or it does not show this part. Pure. */
import { oneLine } from '../../../contract/shown-text.ts';
import type { Facts, Unread } from './facts.ts';
import type { Finding } from './finding.ts';
import { sinceToType } from './judge-database.ts';
import { counted } from '../../process/counted.ts';

/** No answer in time. A server whose store is down still answers for the namespace, which it remembers. */
const SILENT: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);

/** Answers that say something about the doctor's rights or questions, and nothing bad about the server. */
const REFUSED: ReadonlySet<string> = new Set([
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'UNIMPLEMENTED',
  'INVALID_ARGUMENT',
]);

/** Whether Temporal took the connection, and then did not answer for a part. */
export function isServerFailing(facts: Facts): boolean {
  return unreadIn(facts).some(isSilent);
}

/** What is wrong with it. All parts without an answer are one finding: the server. */
export function ofUnread(facts: Facts): Finding[] {
  const unread = unreadIn(facts);
  const silent = unread.filter(isSilent);
  const findings: Finding[] = [];
  const [first] = silent;
  if (first !== undefined) {
    const parts = silent.map(({ what }) => what).join(', ');
    findings.push({
      code: 'server',
      severity: 'trouble',
      problem: `Temporal takes connections and does not answer for ${parts}: ${first.words}`,
      fix: "look at the server's log and its database; webhooks go by themselves once it answers",
    });
  }
  for (const { what, words, grpcStatus = '' } of unread.filter((part) => !isSilent(part))) {
    findings.push({
      code: 'not_seen',
      severity: REFUSED.has(grpcStatus) ? 'warning' : 'trouble',
      problem: `${what} could not be looked at: ${words}`,
      fix: 'run the doctor again; a refusal needs more rights for it',
    });
  }
  return [...findings, ...notCompared(facts)];
}

function isSilent({ grpcStatus = '' }: Unread): boolean {
  return SILENT.has(grpcStatus);
}

function unreadIn({ server, database }: Facts): readonly Unread[] {
  const ofServer = server.is === 'there' ? server.seen.unread : [];
  const ofLog = database.is === 'there' ? database.seen.unread : undefined;
  return ofLog === undefined ? ofServer : [...ofServer, ofLog];
}

/** Nobody knows whether the log has these runs. If it lacks others, the finding of those says "at least". Keys that
 *  read no run are a finding of their own, and this one would only repeat it. */
function notCompared({ database, server, since, at }: Facts): Finding[] {
  if (server.is === 'there' && server.seen.readsRuns === false) return [];
  const unrecorded = database.is === 'there' ? database.seen.unrecorded : undefined;
  if (unrecorded === undefined || unrecorded.unread === 0 || unrecorded.runs > 0) return [];
  const { unread, whyUnread = 'there are too many to read' } = unrecorded;
  return [
    {
      code: 'not_seen',
      severity: 'warning',
      problem:
        `the delivery log seems to lack ${counted(unread, 'run')} that closed since ${since}, ` +
        `and the doctor could not make sure: ${oneLine(whyUnread)}`,
      fix:
        "give the doctor the worker's TOPCALLS_ENCRYPTION_KEYS_FILE; " +
        `topcalls-webhooks reconcile --dry-run --since ${sinceToType({ at, since })} reads all of them`,
    },
  ];
}
