/** The engine's process. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { config } from './config';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  // On SIGTERM Nest closes the HTTP server, then runs onApplicationShutdown. It ends with exit code 0.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(config.port, '127.0.0.1');
  console.log(`engine: listening on ${config.port}`);
}

void main();
