/**
 * Loads `pg` and `kysely`, in one place. Both are optional peers, so they are required when the first log is made. The
 * door ./adapters loads without them, and its types name neither.
 */
import type * as Kysely from 'kysely';
import type * as Pg from 'pg';
import { PostgresDeliveryLogError } from './error.ts';

/** The package `kysely`. */
export type KyselyModule = typeof Kysely;

/** How a package is loaded; `require` unless a test says otherwise. */
export type LoadPackage = (name: 'pg' | 'kysely') => unknown;

/** Loads `kysely`. Throws PostgresDeliveryLogError `postgres_not_installed`. */
export function loadKysely(load?: LoadPackage): KyselyModule {
  return loadPeer('kysely', load) as KyselyModule;
}

/** Loads `pg`. Throws PostgresDeliveryLogError `postgres_not_installed`. */
export function loadPg(load?: LoadPackage): typeof Pg {
  return loadPeer('pg', load) as typeof Pg;
}

function loadPeer(name: 'pg' | 'kysely', load: LoadPackage | undefined): unknown {
  try {
    if (load !== undefined) return load(name);
    // The names are written out, so that a bundler sees them. They are in this `try`, so that it takes them for
    // optional: webpack and esbuild refuse to bundle a host that has not installed them otherwise.
    return name === 'pg' ? require('pg') : require('kysely');
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new PostgresDeliveryLogError('postgres_not_installed', {
      problem: `the package ${name} is not installed; both are needed: npm install pg kysely`,
      cause,
    });
  }
}
