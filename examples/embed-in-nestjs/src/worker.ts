/** The worker's process: deliveries run here. Run any number of them. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Runtime } from '@temporalio/worker';
import { WorkerModule } from './worker.module';

async function main(): Promise<void> {
  // Signals are Nest's: its hooks stop the worker first, and then close the connection.
  Runtime.install({ shutdownSignals: [] });
  const app = await NestFactory.createApplicationContext(WorkerModule);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  console.log('worker: polling');
}

void main();
