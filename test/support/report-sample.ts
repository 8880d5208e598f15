/** Deliveries of a report, one for each thing that a page has to show. */
import { reportDelivery, type ReportDelivery } from '../../cli/commands/report/delivery.ts';
import type { Attempt } from '../../contract/delivery-state.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';

const START_MS = Date.UTC(2026, 5, 1, 12);

function at(ms: number): string {
  return new Date(START_MS + ms).toISOString();
}

/** Attempts of the vendor's ladder from 15 s on. The last one has the outcome that is given. */
function ladder(codes: readonly string[]): readonly Attempt[] {
  const starts = [15_040, 75_300, 375_600, 1_275_800, 4_876_000];
  return codes.map((code, index) => {
    const status = /^http_(\d+)$/.exec(code)?.[1];
    return {
      number: index + 1,
      trigger: index === 2 ? 'retry_now' : 'schedule',
      startedAt: at(starts[index] ?? 0),
      durationMs: 120,
      outcome:
        code === 'http_200' ? 'delivered' : code === 'unknown' ? 'unknown' : status === undefined ? 'network' : 'http',
      code,
      ...(status === undefined ? {} : { status: Number(status) }),
    };
  });
}

function record(id: number, change: Partial<DeliveryRecord>): DeliveryRecord {
  return {
    webhookId: `msg_Zk3v0cVb1m2Qw8Yt5xLrPq${id}`,
    cycle: 1,
    endpointId: 'ep_Zk3v0cVb1m2Q',
    host: 'crm.example.com',
    workflowId: `call-webhook/call-${id}`,
    runId: `run-${id}`,
    event: 'call.completed',
    callId: `call-${id}`,
    accountId: 'acct_1',
    state: 'delivered',
    attempts: ladder(['http_200']),
    startedAt: at(0),
    promisedAt: at(15_000),
    endedAt: at(15_160),
    ...change,
  };
}

/** Two delivered ones, one failed, one cancelled, one that waits, one that settles. */
export function aReport(): readonly ReportDelivery[] {
  const failed = ladder(['http_503', 'connect_refused', 'http_503', 'unknown', 'http_503']);
  const { endedAt: _one, ...waiting } = record(1, { attempts: ladder(['http_503', 'tls_failed']) });
  const { endedAt: _two, ...settling } = record(2, { attempts: [] });
  return [
    reportDelivery({ ...waiting, state: 'retrying', nextAttemptAt: at(375_600) }),
    reportDelivery({ ...settling, state: 'settling' }),
    reportDelivery(record(3, {})),
    reportDelivery(record(4, { cycle: 2, attempts: ladder(['http_503', 'http_200']), endedAt: at(75_420) })),
    reportDelivery(record(5, { state: 'failed', reason: 'http_503', attempts: failed, endedAt: at(4_876_120) })),
    reportDelivery(record(6, { state: 'cancelled', attempts: [], endedAt: at(9_000) })),
  ];
}
