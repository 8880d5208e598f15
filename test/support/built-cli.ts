/** The command as a user runs it: compiled from this tree, with the workflow bundle of the test run beside it. */
import { join } from 'node:path';
import { builtPackage } from './packed-package.ts';

/** Path of the compiled `topcalls-webhooks`, for `node <path> …`. */
export async function builtCli(): Promise<string> {
  return join(await builtPackage(), 'dist/cli/main.js');
}
