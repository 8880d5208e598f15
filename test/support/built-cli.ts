/**
 * The command as a user runs it: compiled from this tree, once per test process, into a folder of its own. Beside it
 * lies the workflow bundle of the test run, as in the package; so a worker need not make one.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { version } from '@temporalio/worker/package.json';

const root = join(__dirname, '..', '..');
// Inside node_modules, so that the compiled code finds its dependencies. The pid in the name keeps test processes
// apart.
const folder = join(root, 'node_modules', '.cache', 'topcalls-webhooks-test', String(process.pid));
let built: Promise<string> | undefined;

/** Path of the compiled `topcalls-webhooks`, for `node <path> …`. Removed when the process ends. */
export function builtCli(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  await promisify(execFile)(tsc, ['-p', 'tsconfig.build.json', '--outDir', folder], { cwd: root });
  const bundle = process.env['TEST_WORKFLOW_BUNDLE'];
  if (bundle !== undefined) {
    copyFileSync(bundle, join(folder, 'workflow-bundle.js'));
    writeFileSync(join(folder, 'workflow-bundle.json'), JSON.stringify({ version }));
  }
  return join(folder, 'cli', 'main.js');
}
