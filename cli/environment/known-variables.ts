/**
 * Every TOPCALLS_* variable that a command reads, and what to say about any other one: a mistyped name would be
 * silence. Called by main.ts before each command, and by the worker together with its other checks.
 */
import { editDistance } from '../../contract/edit-distance.ts';
import { type Env, filled } from '../../temporal-server/env.ts';
import { EnvError, type EnvProblem } from './env-error.ts';
import { VARIABLE_WORDS } from './worker-variables.ts';

/** The worker's variables, and those that only one other command reads. */
const KNOWN: readonly string[] = [...Object.keys(VARIABLE_WORDS), 'TOPCALLS_CODEC_TOKEN', 'TOPCALLS_TEMPORAL_CLI'];

// Also `TOPCALL_…` and other letter case: on most systems these are other variables, and they are never meant.
const OURS = /^topcalls?_/i;

/** The variables that look like ours and are not known, each with the nearest known name. An empty one counts as
 *  unset. */
export function unknownVariables(env: Env): readonly EnvProblem[] {
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !KNOWN.includes(name) && filled(env[name]) !== undefined)
    .filter((name) => !isServiceLink(name, env))
    .map((variable) => ({
      variable,
      received: 'a variable of this name, which no command reads',
      allowed: `${nearest(variable)}, the nearest known name`,
      fix: 'correct the name or unset it',
    }));
}

/** Throws EnvError when there are such variables. */
export function refuseUnknownVariables(env: Env): void {
  const problems = unknownVariables(env);
  if (problems.length > 0) throw new EnvError(problems);
}

/** Kubernetes sets such variables in every pod beside a Service named topcalls-…: TOPCALLS_API_SERVICE_HOST,
 *  TOPCALLS_API_PORT, TOPCALLS_API_PORT_80_TCP_ADDR and so on. */
function isServiceLink(name: string, env: Env): boolean {
  const [, service = ''] = /^(.+?)_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_|$)/.exec(name) ?? [];
  return service !== '' && filled(env[`${service}_SERVICE_HOST`]) !== undefined;
}

function nearest(name: string): string {
  const distances = KNOWN.map((known) => ({ known, distance: editDistance(name.toUpperCase(), known) }));
  return distances.reduce((best, each) => (each.distance < best.distance ? each : best)).known;
}
