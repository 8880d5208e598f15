/**
 * Lets a cancel or a retryNow end the wait of one delivery early. Each delivery has its own cancellation scope, so
 * that one delivery never disturbs another. The SDK walks the stack for every promise of a workflow, and each scope is
 * three of them. So a run that nothing interrupts makes one scope: the first delivery takes over that of the
 * preparation.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';

export class Interrupts {
  readonly #scopes = new Map<Delivery, CancellationScope>();
  /** A scope whose work has ended. */
  spare: CancellationScope | undefined;

  /** A scope that `interrupt(delivery)` cancels, until `end(delivery)`. The caller reads from the delivery why it was
   *  interrupted. */
  begin(delivery: Delivery): CancellationScope {
    const scope = this.spare?.consideredCancelled === false ? this.spare : new CancellationScope();
    this.spare = undefined;
    this.#scopes.set(delivery, scope);
    return scope;
  }

  /** Call it when the work in the scope has ended. */
  end(delivery: Delivery): void {
    this.#scopes.delete(delivery);
  }

  /** Cancels what the delivery waits for. An attempt in flight is not aborted: its
   *  outcome is still waited for. */
  interrupt(delivery: Delivery): void {
    this.#scopes.get(delivery)?.cancel();
  }
}
