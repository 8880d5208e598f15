/** The terminal of the built command line, for scripts that show progress as it does. */
import { existsSync } from 'node:fs';
import { built, CLI } from '../test/system/topology/built.mjs';

/** `{ terminal, say }`, where `say` puts the seconds since now in front; undefined, with the reason said, where nothing is built.
 *  `command`: the npm script that builds first. */
export async function builtTerminal(command) {
  if (!existsSync(CLI)) {
    console.error(`error: dist/ is not there: call \`npm run ${command}\`, which builds first`);
    return undefined;
  }
  const terminal = built('cli/terminal').terminalOf(process.env, process);
  const startedAt = Date.now();
  const say = (line) => terminal.say(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  return { terminal, say };
}
