/**
 * Workflow interceptor of a replay test: after each activation it tells, through a sink, what the query `status`
 * would answer. Runs in the workflow sandbox.
 */
import { proxySinks, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';
import type { WebhookStatus } from '../../contract/delivery-state.ts';

export interface StatusSinks extends Sinks {
  readonly told: { status(answer: WebhookStatus): void };
}

const { told } = proxySinks<StatusSinks>();

export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      concludeActivation(input, next) {
        const status = getActivator().queryHandlers.get('status')?.handler as (() => WebhookStatus) | undefined;
        if (status !== undefined) told.status(status());
        return next(input);
      },
    },
  ],
});
