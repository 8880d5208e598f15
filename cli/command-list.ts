/** The commands, in the order of `topcalls-webhooks --help`. Each loads what it needs when it runs. */
import { codecServerCommand } from './codec-server/command.ts';
import { controlCommand } from './commands/control/command.ts';
import { dbCommand } from './commands/db/command.ts';
import { doctorCommand } from './commands/doctor/command.ts';
import { demoCommand } from './demo/command.ts';
import { endpointsCommand } from './commands/endpoints/command.ts';
import { devCommand } from './dev/command.ts';
import { eraseCommand } from './commands/erase/command.ts';
import { limitCommand } from './commands/limit/command.ts';
import { generateKeyCommand } from './commands/generate-key/command.ts';
import { reconcileCommand } from './commands/reconcile/command.ts';
import { requestCommand } from './commands/request/command.ts';
import { secretsCommand } from './commands/secrets/command.ts';
import { sendTestCommand } from './commands/send-test/command.ts';
import { setupCommand } from './commands/setup/command.ts';
import { reportCommand } from './commands/report/command.ts';
import { statsCommand } from './commands/stats/command.ts';
import { statusCommand } from './commands/status/command.ts';
import { workerCommand } from './worker/command.ts';

/** Makers of the commands. */
export const COMMANDS = [
  demoCommand,
  devCommand,
  setupCommand,
  workerCommand,
  statusCommand,
  endpointsCommand,
  reportCommand,
  statsCommand,
  requestCommand,
  doctorCommand,
  controlCommand('cancel'),
  controlCommand('retry-now'),
  controlCommand('redeliver'),
  limitCommand,
  reconcileCommand,
  eraseCommand,
  sendTestCommand,
  secretsCommand,
  dbCommand,
  generateKeyCommand,
  codecServerCommand,
];
