/**
 * Judges what the doctor has seen: what is wrong, what it means, which command helps. One fault is one finding. What
 * only follows from another finding is not told again. Pure.
 */
import type { Facts, ServerSeen } from './facts.ts';
import type { Finding } from './finding.ts';
import { ofCertificate } from './judge-certificate.ts';
import { explainsWaiting, ofDatabase } from './judge-database.ts';
import { ofNamespace } from './judge-namespace.ts';
import { ofQueues } from './judge-queues.ts';
import { ofRuns } from './judge-runs.ts';
import { ofSchedules } from './judge-schedules.ts';
import { isServerFailing, ofUnread } from './judge-unread.ts';

/** The findings, trouble first. Empty if nothing is wrong. */
export function findingsOf(facts: Facts): readonly Finding[] {
  const { server } = facts;
  const findings = [
    ...(server.is === 'broken' ? [brokenServer(server.problem)] : []),
    ...(server.is === 'there' ? ofServer(server.seen, facts) : []),
    ...ofUnread(facts),
    ...ofDatabase(facts),
    ...ofFiles(facts),
    ...ofCertificate(facts),
  ];
  return findings.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ severity }: Finding): number {
  return severity === 'trouble' ? 0 : 1;
}

function brokenServer({ code, words }: { readonly code: string; readonly words: string }): Finding {
  const isServer = code === 'no_temporal_server';
  return {
    code: isServer ? 'server' : 'namespace',
    severity: 'trouble',
    problem: words,
    fix: isServer ? 'start the server; webhooks then go by themselves' : 'topcalls-webhooks worker --check',
  };
}

function ofServer(seen: ServerSeen, facts: Facts): Finding[] {
  // If the server does not answer, nobody's silence says anything about the workers.
  const queues = ofQueues(seen, facts).filter(({ code }) => code !== 'worker_silent' || !isServerFailing(facts));
  return [
    ...ofNamespace(seen, facts),
    ...queues,
    ...ofSchedules(seen.schedules ?? {}, Date.parse(facts.at) + (seen.clockAheadMs ?? 0)),
    ...ofRuns(seen, { isQueueTold: queues.length > 0, isLogTold: explainsWaiting(facts) }),
  ];
}

function ofFiles({ secrets, keys, server }: Facts): Finding[] {
  const findings: Finding[] = [];
  if (secrets.is === 'broken') {
    findings.push({
      code: 'secrets',
      severity: 'trouble',
      problem: `the secrets file cannot be used: ${secrets.problem.words}`,
      fix: 'correct the file; a worker that runs keeps the secrets of before, and none can start',
    });
  }
  if (keys.is === 'broken') {
    findings.push({
      code: 'encryption_keys',
      severity: 'trouble',
      problem: `the encryption keys cannot be used: ${keys.problem.words}`,
      fix: 'correct the keys, or make new ones: topcalls-webhooks generate-key',
    });
  }
  if (server.is === 'there' && server.seen.readsRuns === false) {
    findings.push({
      code: 'encryption_keys',
      severity: 'trouble',
      problem: 'the encryption keys read none of the newest open runs: a worker with them fails every workflow task',
      fix: 'give workers and commands the keys of the client that started the runs (docs/encryption.md)',
    });
  }
  return findings;
}
