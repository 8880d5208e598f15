/**
 * `npm run verify-examples`: the examples that `npm test` does not run, each as a stranger has it, with the package as
 * npm packs it. Three test runners unit-test a host with the door ./testing. A NestJS engine and its worker deliver a
 * call on a real Temporal server, and end as their hooks promise. CI runs it after the tests.
 */
import { installForExamples, openExample } from '../../support/example-project.ts';
import { packPackage, run } from '../../support/packed-package.ts';
import { runScript } from '../../support/run-script.ts';
import { playNest } from './nest.ts';

const EXAMPLES = ['testing-node', 'testing-jest', 'testing-vitest', 'embed-in-nestjs'];

async function main(): Promise<number> {
  const [packed, installed] = await Promise.all([packPackage(), installForExamples(EXAMPLES)]);
  try {
    for (const name of EXAMPLES) {
      const project = await openExample(name, packed, installed);
      try {
        if (name === 'embed-in-nestjs') await run(project.folder, 'npm', ['run', '--silent', 'build']);
        await run(project.folder, 'npm', ['test', '--silent']);
        if (name === 'embed-in-nestjs') await playNest(project);
        console.log(`${name}: as promised`);
      } finally {
        project.remove();
      }
    }
    return 0;
  } finally {
    installed.remove();
  }
}

// The processes that it starts keep no process alive, so that a failed test can end. This one has to wait for them.
const waiting = setInterval(() => {}, 60_000);
void runScript(() => main().finally(() => clearInterval(waiting)));
