/** Plays `doctor --listen`, as Prometheus would ask it: with a server, without one, and with one again. */
import { freePort } from '../../../temporal-server/ports.ts';
import { sweep } from '../../support/canary.ts';
import { DIST_CLI, startProcess, untilReady } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { PRIVATE, type Installation } from './installation.ts';
import type { Played } from './play.ts';

/** A line of the text format, as Prometheus reads it. */
const LINE = /^(?:# (?:HELP|TYPE) .+|[a-z_]+(?:\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? -?\d+(?:\.\d+)?)$/;

export async function playScrape(run: SystemRun, on: Installation): Promise<Played> {
  const startedMs = Date.now();
  const address = `127.0.0.1:${await freePort()}`;
  const doctor = [process.execPath, DIST_CLI, 'doctor', '--listen', address, '--interval', '1s'];
  const serving = startProcess(run, 'doctor-listen', doctor, { env: { ...on.env, PATH: process.env['PATH'] } });
  const ask = async (path: string) => {
    const response = await fetch(`http://${address}${path}`);
    return { status: response.status, text: await response.text() };
  };
  await untilReady(serving, () =>
    ask('/').then(
      ({ status }) => status === 404,
      () => false,
    ),
  );
  const wrong: string[] = [];
  const expectIn = async (when: string, lines: readonly string[], absent: readonly string[] = []): Promise<void> => {
    const { status, text } = await ask('/metrics');
    if (status !== 200) wrong.push(`${when}: status ${status}`);
    const given = text.trimEnd().split('\n');
    wrong.push(...given.filter((line) => !LINE.test(line)).map((line) => `${when}: no line of the format: ${line}`));
    wrong.push(...lines.filter((line) => !given.includes(line)).map((line) => `${when}: not there: ${line}`));
    wrong.push(...absent.filter((name) => text.includes(name)).map((name) => `${when}: there in vain: ${name}`));
    wrong.push(...sweep(PRIVATE, [{ where: when, text }]));
  };
  await expectIn('whole', [
    'topcalls_webhook_server_up 1',
    'topcalls_webhook_database_up 1',
    'topcalls_webhook_unrecorded 0',
    'topcalls_webhook_runs_stuck 0',
    'topcalls_webhook_doctor_findings{severity="trouble"} 0',
  ]);
  await on.server.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await expectIn('no server', ['topcalls_webhook_server_up 0', 'topcalls_webhook_database_up 1'], ['runs_stuck']);
  await on.server.restart();
  await on.heal();
  await expectIn('whole again', ['topcalls_webhook_server_up 1', 'topcalls_webhook_runs_stuck 0']);
  const code = await serving.end('SIGTERM');
  if (code !== 0) wrong.push(`exit code ${code}`);
  return { faults: ['doctor --listen, and the server is killed'], wrong, tookMs: Date.now() - startedMs };
}
