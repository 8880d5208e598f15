/** The worker's process: deliveries run here. Run any number of them. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Runtime } from '@temporalio/worker';
import { temporalLogger } from '@topcalls/webhooks/worker';
import { pino } from 'pino';
import { WorkerModule } from './worker.module';

async function main(): Promise<void> {
  Runtime.install({
    // Signals are Nest's: its hooks stop the worker first, and then close the connection.
    shutdownSignals: [],
    // The SDK's own lines hold phone numbers and transcripts in some errors; through this logger they do not.
    logger: temporalLogger(pino()),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
  const app = await NestFactory.createApplicationContext(WorkerModule);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  console.log('worker: polling');
}

void main();
