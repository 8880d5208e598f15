/** The worker as a provider: it polls from the start of the app until its shutdown. */
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { StaticSecrets } from '@topcalls/webhooks/adapters';
import { createWebhookWorker, LOOPBACK_EGRESS } from '@topcalls/webhooks/worker';
import { Artifacts } from './artifacts';
import { config } from './config';

@Module({
  providers: [
    Artifacts,
    {
      provide: NativeConnection,
      useFactory: () =>
        NativeConnection.connect({ address: config.temporalAddress, grpcCompression: { codec: 'none' } }),
    },
  ],
})
export class WorkerModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private worker: Worker | undefined;
  private running: Promise<void> | undefined;

  constructor(
    @Inject(NativeConnection) private readonly connection: NativeConnection,
    @Inject(Artifacts) private readonly artifacts: Artifacts,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.worker = await createWebhookWorker({
      connection: this.connection,
      namespace: config.temporalNamespace,
      artifacts: this.artifacts,
      secrets: new StaticSecrets({ acct_1: config.webhookSecret }),
      log: 'none', // or new PostgresDeliveryLog({ pool }), to keep final states
      ...(config.allowsLoopback && { egress: LOOPBACK_EGRESS }),
    });
    this.running = this.worker.run();
    // A worker that dies must not leave a process behind that does nothing.
    this.running.catch((error: unknown) => {
      console.error('worker:', error);
      process.exit(1);
    });
  }

  /** Attempts in flight end first; others wait for another worker. That takes up to 25 s. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.worker?.getState() === 'RUNNING') this.worker.shutdown();
    await this.running;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
