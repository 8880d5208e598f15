/** An empty machine for one test: an empty home, no program on PATH, a proxy that refuses, no server. */
import { afterEach, beforeEach } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Env } from '../../temporal-server/env.ts';
import { findOrStartTemporal, TemporalNotFoundError, type FindOptions } from '../../temporal-server/find-or-start.ts';
import { freePort } from '../../temporal-server/ports.ts';

/** The machine of the running test. */
export type BareMachine = {
  readonly home: string;
  /** Every source of a Temporal server fails here, unless a test adds one. */
  readonly env: Env;
  /** An address without a listener, whatever runs on this machine's 7233. */
  readonly nobody: string;
  /** Puts a shell script on PATH; returns its path. */
  program(name: string, script: string): string;
  /** The error that the finder throws on this machine. */
  notFound(options: Partial<FindOptions>): Promise<TemporalNotFoundError>;
};

/** Makes one before each test of the file and removes it afterwards. Read its fields only inside tests. */
export function bareMachine(): BareMachine {
  let home = '';
  let nobody = '';
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'topcalls-find-'));
    nobody = `127.0.0.1:${await freePort()}`;
  });
  // Up to 150 MB each.
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const env = (): Env => ({ HOME: home, PATH: home, HTTPS_PROXY: 'http://127.0.0.1:9' });
  return {
    get home() {
      return home;
    },
    get env() {
      return env();
    },
    get nobody() {
      return nobody;
    },
    program: (name, script) => {
      const path = join(home, name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    notFound: async (options) => {
      const found = findOrStartTemporal({ env: env(), localAddress: nobody, ...options });
      const error = await found.then(
        async (server) => server.stop().then(() => undefined),
        (caught: unknown) => caught,
      );
      if (error instanceof TemporalNotFoundError) return error;
      throw new Error('expected a TemporalNotFoundError', { cause: error });
    },
  };
}
