/** Judges the namespace: retention, search attributes, fairness, clock. Pure. */
import { shellWord } from '../../../client/shell-word.ts';
import { scheduleSpanMs } from '../../../contract/retry-schedule.ts';
import type { Facts, ServerSeen } from './facts.ts';
import type { Finding } from './finding.ts';

/** In which an operator may still redeliver what failed last. With the ladder it is the shortest retention that is
 *  no finding. */
const REDELIVERY_WINDOW_MS = 12 * 3_600_000;
/** As the worker's `worker.clock_off`. */
const CLOCK_OFF_MS = 30_000;

/** What is wrong with it. */
export function ofNamespace(seen: ServerSeen, { namespace = 'default' }: Facts): Finding[] {
  const { retentionMs, attributes, clockAheadMs, fairness, runs, queues } = seen;
  const findings: Finding[] = [];
  const enoughMs = scheduleSpanMs() + REDELIVERY_WINDOW_MS;
  if (retentionMs !== undefined && retentionMs < enoughMs) {
    findings.push({
      code: 'retention',
      severity: 'warning',
      problem:
        `namespace ${namespace} keeps ended runs for ${inHours(retentionMs)}; ` +
        `with less than ${inHours(enoughMs)}, failed webhooks are gone before somebody can redeliver them`,
      fix: `temporal operator namespace update --namespace ${shellWord(namespace)} --retention 7d`,
    });
  }
  const names = [
    ...Object.keys(attributes?.missing ?? {}),
    ...(attributes?.clashes ?? []).map(({ name, found, wanted }) => `${name} (is ${found}, needed is ${wanted})`),
  ];
  if (names.length > 0) {
    // A client that was told `searchAttributes: false` starts its runs all the same.
    const isChosen = (runs?.open ?? 0) > 0;
    findings.push({
      code: 'search_attributes',
      severity: isChosen ? 'warning' : 'trouble',
      problem:
        `namespace ${namespace} lacks search attributes: ${names.join(', ')}; ` +
        'starts fail unless the client says searchAttributes: false',
      fix: `topcalls-webhooks setup --namespace ${shellWord(namespace)}`,
    });
  }
  if (fairness === 'off') {
    findings.push({
      code: 'fairness',
      severity: 'warning',
      problem:
        'the server ignores fairness keys: one busy account delays the webhooks of all others' +
        (queues.some(({ limits }) => limits?.perAccount !== undefined) ? ', more so if its limit holds it back' : ''),
      fix: 'set matching.enableFairness, with one partition, as deploy/temporal-dynamic-config.yaml does',
    });
  }
  if (clockAheadMs !== undefined && Math.abs(clockAheadMs) >= CLOCK_OFF_MS) {
    const seconds = Math.round(Math.abs(clockAheadMs) / 1_000);
    findings.push({
      code: 'clock',
      severity: 'warning',
      problem: `this machine's clock is ${seconds} s ${clockAheadMs > 0 ? 'behind' : 'ahead of'} the server's`,
      fix: 'synchronize both clocks (NTP); attempts are signed with the server’s time meanwhile',
    });
  }
  return findings;
}

function inHours(ms: number): string {
  return `${Math.round(ms / 360_000) / 10} h`;
}
