/**
 * An append-only log: one JSON object a line. Each is on disk before the next step, so a killed writer loses nothing.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Appends a line, with the time as `at` (ms) unless the line has its own. */
export function logTo(file: string): (line: object) => void {
  return (line) => appendFileSync(file, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
}

/** Every line of a log, in order; an empty list where nothing was ever written. */
export function readLog<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}
