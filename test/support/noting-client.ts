/** A `WebhookClient` without a server: it notes what it would start, and what it warns of. */
import type { Client } from '@temporalio/client';
import { WebhookClient, type WebhookClientOptions, type WebhookWarning } from '../../client/index.ts';
import { NO_ARTIFACTS } from '../../contract/collected-artifacts.ts';
import { renderCallBody, renderCampaignBody } from '../../contract/render-body.ts';
import type { AnyRunInput } from '../../contract/run-messages.ts';

/** What the client asked Temporal to start. */
export type StartedRun = {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: AnyRunInput;
  readonly staticDetails: string;
};

export type NotingClient = {
  readonly webhooks: WebhookClient;
  readonly started: readonly StartedRun[];
  readonly warnings: readonly WebhookWarning[];
};

export function aNotingClient(options: WebhookClientOptions = {}): NotingClient {
  const { temporal, started } = aNotingTemporal();
  const warnings: WebhookWarning[] = [];
  const onWarning = (warning: WebhookWarning): void => void warnings.push(warning);
  return { webhooks: new WebhookClient(temporal, { onWarning, ...options }), started, warnings };
}

/** Temporal's client, as far as a report needs it. */
export function aNotingTemporal(): { readonly temporal: Client; readonly started: readonly StartedRun[] } {
  const started: StartedRun[] = [];
  const temporal = {
    options: { namespace: 'default' },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    workflow: {
      start: async (_type: string, start: Omit<StartedRun, 'input'> & { readonly args: [AnyRunInput] }) => {
        const { workflowId, taskQueue, args, staticDetails } = start;
        // As the server carries it.
        const input = JSON.parse(JSON.stringify(args[0])) as AnyRunInput;
        started.push({ workflowId, taskQueue, staticDetails, input });
        return {};
      },
    },
  } as unknown as Client;
  return { temporal, started };
}

/** The body that the run sends; a call's artifacts are not there yet. */
export function bodyOf({ input }: StartedRun): string {
  return 'call' in input
    ? renderCallBody(input.call, input.event, NO_ARTIFACTS, input.endpoints.length).body
    : renderCampaignBody(input.campaign, input.event).body;
}
