/** A `WebhookClient` for a host's unit tests: the same code, with runs in memory. It needs no Temporal server. */
import { WebhookClient } from '../client/webhook-client.ts';
import type { WebhookHandle } from '../client/webhook-handle.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import type { CallEnded } from '../contract/schemas/call-ended.ts';
import type { CampaignEvent } from '../contract/schemas/campaign-event.ts';
import type { WebhookClientOptions, WebhookWarning } from '../contract/schemas/client-options.ts';
import type { FakeRun } from './fake-run.ts';
import { type FakeControl, type FakeOutage, MemoryRuns } from './memory-runs.ts';

/** What a host reported, and what became of it.
 *  - `started`: the report has started `run`
 *  - `already_reported`: an earlier report had started it
 *  - `not_subscribed`: no endpoint has subscribed, so the host got undefined
 *  - `rejected`: the host got `error` */
export type FakeReport = (
  | { readonly method: 'callEnded'; readonly report: CallEnded }
  | { readonly method: 'campaignEvent'; readonly report: CampaignEvent }
) & {
  readonly outcome: 'started' | 'already_reported' | 'not_subscribed' | 'rejected';
  /** Present if there is a run; likewise `run`. */
  readonly workflowId?: string;
  readonly run?: FakeRun;
  readonly error?: unknown;
};

/** A client whose runs live in memory. Give it to the host in place of `WebhookClient`. It checks, repairs, warns,
 *  answers and fails as the real one does, since it is the same code. A run rests until the test says what happens.
 *  const webhooks = new FakeWebhookClient();
 *  await engine.endCall('call-1');                     // the host's own code reports the call
 *  webhooks.reports;                                   // [{ method: 'callEnded', outcome: 'started', report, … }]
 *  webhooks.run('call-webhook/call-1').fail(503);      // now status() and result() say failed, after five attempts */
export class FakeWebhookClient extends WebhookClient {
  /** Every report, in order. `webhooks.test()` is a report, too: of the campaign event `webhook.test`. */
  readonly reports: readonly FakeReport[];
  /** Every warning, in order, with each message once. The option `onWarning` gets them, too. Without it, nothing goes
   *  to the process. */
  readonly warnings: readonly WebhookWarning[];
  readonly #reports: FakeReport[] = [];
  readonly #runs: MemoryRuns;

  /** `options`: as for `WebhookClient`. Throws `InvalidInputError` for wrong ones. */
  constructor(options: WebhookClientOptions = {}) {
    const runs = new MemoryRuns();
    const warnings: WebhookWarning[] = [];
    const { onWarning }: WebhookClientOptions = Object(options);
    const note = (warning: WebhookWarning): unknown => {
      warnings.push(warning);
      return onWarning?.(warning);
    };
    const isObject = Object(options) === options && !Array.isArray(options);
    const isRight = isObject && (onWarning === undefined || typeof onWarning === 'function');
    super(runs, isRight ? { ...options, onWarning: note } : options);
    this.#runs = runs;
    this.warnings = warnings;
    this.reports = this.#reports;
  }

  override callEnded(call: CallEnded): Promise<WebhookHandle | undefined> {
    const noted = { method: 'callEnded', report: copyOf(call) } as const;
    return this.#noted(noted, () => super.callEnded(call));
  }

  override campaignEvent(campaignEvent: CampaignEvent): Promise<WebhookHandle | undefined> {
    const noted = { method: 'campaignEvent', report: copyOf(campaignEvent) } as const;
    return this.#noted(noted, () => super.campaignEvent(campaignEvent));
  }

  /** Every `cancel`, `retryNow` and `redeliver` of a handle, in order, with its answer. */
  get controls(): readonly FakeControl[] {
    return this.#runs.controls;
  }

  /** The latest run of a handle, or of a workflow id such as `call-webhook/call-1`. The test says through it what
   *  happens. Throws if there is none. */
  run(of: string | Pick<WebhookHandle, 'workflowId'>): FakeRun {
    const workflowId = typeof of === 'string' ? of : of.workflowId;
    const run = this.#runs.latest(workflowId);
    if (run !== undefined) return run;
    const known = this.#runs.workflowIds.join(', ');
    throw new Error(`no run ${workflowId}; ${known === '' ? 'nothing was reported' : `there are ${known}`}`);
  }

  /** From now on the server is away: every request is rejected at once with `TemporalUnavailableError`, which is
   *  retryable. So a host's outbox can be tested. */
  takeDown(outage: FakeOutage = {}): void {
    checkOptionNames('takeDown', outage, ['losing', 'error']);
    const { losing = 'requests' } = outage;
    if (!['requests', 'answers'].includes(losing)) throw new TypeError("takeDown: losing is 'requests' or 'answers'");
    this.#runs.outage = outage;
  }

  /** The server is back, with every run it had. */
  bringUp(): void {
    this.#runs.outage = undefined;
  }

  async #noted(
    noted:
      | Pick<FakeReport & { method: 'callEnded' }, 'method' | 'report'>
      | Pick<FakeReport & { method: 'campaignEvent' }, 'method' | 'report'>,
    report: () => Promise<WebhookHandle | undefined>,
  ): Promise<WebhookHandle | undefined> {
    try {
      const handle = await report();
      if (handle === undefined) this.#reports.push({ ...noted, outcome: 'not_subscribed' });
      else {
        const outcome = handle.alreadyReported === true ? 'already_reported' : 'started';
        const { workflowId } = handle;
        this.#reports.push({ ...noted, outcome, workflowId, run: this.run(workflowId) });
      }
      return handle;
    } catch (error) {
      this.#reports.push({ ...noted, outcome: 'rejected', error });
      throw error;
    }
  }
}

/** The report as it was when it was made. What cannot be copied, such as a function, stays as it is. */
function copyOf<T>(report: T): T {
  try {
    return structuredClone(report);
  } catch {
    return report;
  }
}
