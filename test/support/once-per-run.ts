/**
 * What is expensive to make and the same for all tests: a build, a package, a bundle. The first test process that asks
 * makes it, the others wait for it. The setup of the project `servers` makes the folder and removes it at the end.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from './wait-for.ts';

/** The folder that all test processes of a run share. Without the setup of `servers` there is none. */
export const SHARED_FOLDER = 'TEST_SHARED_FOLDER';

/** As long as a test may take. */
const PATIENCE_MS = 290_000;

/**
 * Path of the folder `name`, with what `make` put into it. Rejects in every process with the words of the one that
 * failed to make it. Nobody may change what is in there.
 */
export async function oncePerRun(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(process.env[SHARED_FOLDER] ?? ownFolder(), name);
  const outcome = `${folder}.outcome`;
  if (claimed(folder)) {
    const trouble = await make(folder).then(
      () => '',
      (error: unknown) => String(error),
    );
    writeFileSync(outcome, `made ${trouble}`);
  }
  const said = await waitFor(name, () => wordsIn(outcome), PATIENCE_MS);
  if (said !== 'made ') throw new Error(`${name} could not be made: ${said.slice('made '.length)}`);
  return folder;
}

/** Whether this process is the first one: only one of them can make the folder. */
function claimed(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The outcome, once it is written whole. */
function wordsIn(path: string): string | undefined {
  try {
    const words = readFileSync(path, 'utf8');
    return words.startsWith('made ') ? words : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

let own: string | undefined;

function ownFolder(): string {
  if (own === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'topcalls-shared-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    own = folder;
  }
  return own;
}
