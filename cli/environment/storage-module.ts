/**
 * TOPCALLS_STORAGE_MODULE: the host's external storage of big bodies (docs/big-bodies.md), for the worker and for every
 * command that reads runs. A driver is code, so the variable names a module.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ExternalStorage } from '@temporalio/common';
import { oneLine } from '../../contract/shown-text.ts';
import { type Env, filled } from '../../temporal-server/env.ts';
import { EnvError } from './env-error.ts';
import { VARIABLE_WORDS } from './worker-variables.ts';

const VARIABLE = 'TOPCALLS_STORAGE_MODULE';

/** Loads the storage; undefined if none is configured. Rejects with EnvError. */
export async function readStorage(env: Env): Promise<ExternalStorage | undefined> {
  const name = filled(env[VARIABLE]);
  if (name === undefined) return undefined;
  const refuse = (reason: string): EnvError =>
    new EnvError([
      { variable: VARIABLE, received: `${JSON.stringify(name)} (${reason})`, ...VARIABLE_WORDS[VARIABLE] },
    ]);
  let made: unknown;
  try {
    made = await madeBy(await loaded(name), env);
  } catch (error) {
    throw refuse(whyNotLoaded(error));
  }
  const problem = problemOf(made);
  if (problem !== undefined) throw refuse(problem);
  try {
    return new ExternalStorage(made as ConstructorParameters<typeof ExternalStorage>[0]);
  } catch (error) {
    // The SDK's own words of names and thresholds.
    throw refuse(oneLine((error as Error).message));
  }
}

/** CommonJS or ECMAScript: a path from the working directory, or a package that is installed there. */
async function loaded(name: string): Promise<unknown> {
  const require = createRequire(join(process.cwd(), 'topcalls-webhooks'));
  const path = existsSync(resolve(name)) ? resolve(name) : require.resolve(name);
  try {
    return require(path);
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ERR_REQUIRE_ESM') throw error;
    return import(pathToFileURL(path).href);
  }
}

/** What the module exports, or what its function makes of the environment. */
async function madeBy(module: unknown, env: Env): Promise<unknown> {
  const { default: exported = module } = module as { readonly default?: unknown };
  return typeof exported === 'function' ? (exported as (env: Env) => unknown)(env) : exported;
}

/** Without the message of the host's own code, which may hold a secret. */
function whyNotLoaded(error: unknown): string {
  const { code = '', message, name } = error as { code?: string; message: string; name: string };
  if (code.endsWith('MODULE_NOT_FOUND')) return oneLine(message.split('\n')[0] ?? code);
  return `it throws ${[name, code].filter((part) => part !== '').join(' ')}`;
}

function problemOf(made: unknown): string | undefined {
  const { drivers } = (made ?? {}) as { readonly drivers?: unknown };
  if (!Array.isArray(drivers)) return 'what it exports has no list drivers';
  const lacks = (driver: unknown): boolean =>
    ['store', 'retrieve'].some((method) => typeof (driver as Record<string, unknown> | null)?.[method] !== 'function');
  return drivers.some(lacks) ? 'a driver lacks store or retrieve' : undefined;
}
