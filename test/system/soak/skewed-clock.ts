/** A clock that is wrong, for one process: libfaketime, loaded before anything else, adds to what the system says. */
import { existsSync } from 'node:fs';
import type { Env } from '../../../temporal-server/env.ts';

const PLACES = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib64/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
  '/usr/local/lib/faketime/libfaketimeMT.so.1',
];

/** Environment that moves the clock of a process by so many seconds. Throws, saying what to do, without libfaketime. */
export function skewedClock(seconds: number): Env {
  const named = process.env['LIBFAKETIME'];
  const library = (named === undefined ? PLACES : [named]).find((path) => existsSync(path));
  if (library === undefined) {
    throw new Error(
      '--skew needs libfaketime: install it (Debian, Ubuntu: apt-get install faketime), ' +
        'or set LIBFAKETIME to the path of libfaketimeMT.so.1',
    );
  }
  return {
    LD_PRELOAD: library,
    FAKETIME: `${seconds >= 0 ? '+' : ''}${seconds}s`,
    // Timers and time limits are measured by this one, which a wrong clock leaves alone.
    DONT_FAKE_MONOTONIC: '1',
  };
}
