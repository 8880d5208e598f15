/** Plays that need a server of another kind: without fairness, without our search attributes, with a wrong clock. */
import { DIST_CLI, startProcess, untilReady } from '../../support/processes.ts';
import type { Random } from '../../support/random.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { waitFor } from '../../support/wait-for.ts';
import { SEARCH_ATTRIBUTES } from '../../../contract/server-names.ts';
import { skewedClock } from '../soak/skewed-clock.ts';
import { said, type Installation, type Said } from './installation.ts';
import { judge, type Played } from './play.ts';

/** A doctor whose machine has a wrong clock. Undefined where libfaketime is not installed. */
export async function playClock(run: SystemRun, on: Installation, random: Random): Promise<Played | undefined> {
  const seconds = random.oneOf([-3_600, -120, -45, 45, 120, 3_600]);
  const startedMs = Date.now();
  let skew: ReturnType<typeof skewedClock>;
  try {
    skew = skewedClock(seconds);
  } catch {
    return undefined;
  }
  const doctor = startProcess(run, `doctor-${startedMs}`, [process.execPath, DIST_CLI, 'doctor', '--json'], {
    env: { ...on.env, PATH: process.env['PATH'], ...skew },
  });
  await untilReady(doctor, () => doctor.log().trimEnd().endsWith('warning'), 60_000).catch(() => undefined);
  const code = (await doctor.end('SIGTERM')) ?? -1;
  const text = doctor.log();
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  const wrong = judge(said(code, json, text), [['clock']]);
  return { faults: [`the clock is ${seconds} s off`], wrong, tookMs: Date.now() - startedMs };
}

/** Fairness is off; then our search attributes go as well. `on` has a server that was started without fairness. */
export async function playBareServer(on: Installation): Promise<readonly Played[]> {
  const played: Played[] = [];
  const play = async (fault: string, expected: readonly (readonly string[])[], ask: () => Promise<Said>) => {
    const startedMs = Date.now();
    const wrong = judge(await ask(), expected);
    played.push({ faults: [fault], wrong, tookMs: Date.now() - startedMs });
  };
  await play('fairness is off', [['fairness']], () => on.doctor());
  await play('fairness is off, and nobody tries', [], () => on.doctor({}, ['--json', '--no-probe']));
  const { namespace } = on.client.options;
  await on.client.connection.operatorService?.removeSearchAttributes({
    namespace,
    searchAttributes: Object.keys(SEARCH_ATTRIBUTES),
  });
  await waitFor('the attributes to be gone', async () => {
    const listed = await on.client.connection.operatorService?.listSearchAttributes({ namespace });
    return Object.keys(listed?.customAttributes ?? {}).every((name) => !(name in SEARCH_ATTRIBUTES));
  });
  await play('search attributes are missing', [['search_attributes'], ['fairness']], () => on.doctor());
  return played;
}
