/** The client as a provider. Its connection opens with the first request, and closes when the app shuts down. */
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '@topcalls/webhooks/client';
import { config } from './config';

@Module({
  providers: [
    // Lazy: the engine starts while Temporal is down. Reports then fail with a retryable error.
    { provide: Connection, useFactory: () => Connection.lazy({ address: config.temporalAddress }) },
    {
      provide: WebhookClient,
      inject: [Connection],
      useFactory: (connection: Connection) =>
        new WebhookClient(new Client({ connection, namespace: config.temporalNamespace, identity: 'nest-engine' })),
    },
  ],
  exports: [WebhookClient],
})
export class WebhooksModule implements OnApplicationShutdown {
  constructor(@Inject(Connection) private readonly connection: Connection) {}

  /** Nest has closed the HTTP server by now, so no request is under way. */
  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
