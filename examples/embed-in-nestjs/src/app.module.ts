/** The call engine. */
import { Module } from '@nestjs/common';
import { CallsController } from './calls.controller';
import { WebhooksModule } from './webhooks.module';

@Module({ imports: [WebhooksModule], controllers: [CallsController] })
export class AppModule {}
