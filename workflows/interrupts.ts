/**
 * Lets a cancel or a retryNow end the wait of one delivery early. Each delivery has its own cancellation scope, so
 * that one delivery never disturbs another.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';

export class Interrupts {
  readonly #scopes = new Map<Delivery, CancellationScope>();

  /** Runs `work` so that `interrupt(delivery)` cancels it. The caller reads from the delivery why it was
   *  interrupted. */
  async run<T>(delivery: Delivery, work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope({ cancellable: true });
    this.#scopes.set(delivery, scope);
    try {
      return await scope.run(work);
    } finally {
      this.#scopes.delete(delivery);
    }
  }

  /** Cancels what the delivery waits for. An attempt in flight is not aborted: `run` still waits for its outcome. */
  interrupt(delivery: Delivery): void {
    this.#scopes.get(delivery)?.cancel();
  }
}
