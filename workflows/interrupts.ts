/**
 * Lets a cancel or a retryNow end the wait of one delivery early. Each delivery has its own cancellation scope, so
 * that one delivery never disturbs another.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';

export class Interrupts {
  readonly #scopes = new Map<Delivery, CancellationScope>();

  /** A scope that `interrupt(delivery)` cancels, until `end(delivery)`. The caller reads from the delivery why it was
   *  interrupted. */
  begin(delivery: Delivery): CancellationScope {
    const scope = new CancellationScope({ cancellable: true });
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
