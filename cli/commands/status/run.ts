/** Runs `status`. */
import { isFinal, type DeliveryStatus, type WebhookStatus } from '../../../contract/delivery-state.ts';
import { attemptsTable } from '../attempts-table.ts';
import { handleMaker } from '../control/targets.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { withClient } from '../../environment/open-client.ts';
import type { Terminal } from '../../process/terminal.ts';

/** Options of `status`. */
export type StatusOptions = { readonly namespace?: string; readonly json: boolean };

/** Prints where a webhook stands. Rejects with CliError or WebhookNotFoundError. */
export async function runStatus(id: string, { namespace, json }: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const handleOf = handleMaker(id);
  return withClient(terminal.env, namespace, async ({ webhooks, client }) => {
    const status = await handleOf(webhooks).status();
    const run = await client.workflow.getHandle(status.workflowId).describe();
    terminal.data(json ? JSON.stringify(status, undefined, 2) : inWords(status, run.status.name === 'RUNNING'));
    return EXIT.ok;
  });
}

/** A run whose deliveries have all ended stays open only until the delivery log has them. */
function inWords(status: WebhookStatus, isOpen: boolean): string {
  const { workflowId, event, state, deliveries, artifacts } = status;
  const expected = Object.entries(artifacts ?? {}).filter(([, what]) => what !== 'not_expected');
  const got = expected.map(([name, what]) => `${name} ${what}`);
  const waitsForLog = isOpen && deliveries.every((delivery) => isFinal(delivery.state));
  return [
    `${workflowId}  ${event}: ${state}${whoEnded(status)}`,
    ...(waitsForLog ? ['every delivery has ended; the run waits until the delivery log takes the outcome'] : []),
    ...(got.length === 0 ? [] : [`artifacts: ${got.join(', ')}`]),
    ...deliveries.flatMap((delivery) => [
      '',
      `${delivery.host}  ${delivery.endpointId}  ${delivery.webhookId}`,
      standing(delivery),
      ...(delivery.attempts.length === 0 ? [] : [attemptsTable(delivery.attempts)]),
    ]),
  ].join('\n');
}

/** Why, and who asked: ` (moved; cancelled by ann@desk)`. */
function whoEnded({ cancelReason, cancelledBy, terminateReason, terminatedBy }: WebhookStatus): string {
  const words = [
    cancelReason,
    cancelledBy === undefined ? undefined : `cancelled by ${cancelledBy}`,
    terminateReason,
    terminatedBy === undefined ? undefined : `terminated by ${terminatedBy}`,
  ].filter((each) => each !== undefined);
  return words.length === 0 ? '' : ` (${words.join('; ')})`;
}

function standing({ state, reason, nextAttemptAt }: DeliveryStatus): string {
  const next = nextAttemptAt === undefined ? '' : `; next attempt at ${nextAttemptAt}`;
  return `${state}${reason === undefined ? '' : ` (${reason})`}${next}`;
}
