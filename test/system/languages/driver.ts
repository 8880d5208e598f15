/** Builds the example of one language in a folder of its own, with the driver beside it, and talks to the driver. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { killWhenWeDie } from '../../../temporal-server/die-with-us.ts';

/** How a language's example is built and run. */
type Recipe = {
  readonly example: string;
  /** Our file here, and where it goes. */
  readonly driver: readonly [file: string, place: string];
  /** Commands that build it, one after the other. */
  readonly build: readonly (readonly string[])[];
  readonly run: (folder: string) => readonly string[];
};

const CLASSPATH = 'target/classpath.txt';

/** By language. Tools keep what they download in their own caches, and nothing is written into the repository. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  Python: {
    example: 'report-from-python',
    driver: ['driver.py', 'driver.py'],
    build: [
      ['python3', '-m', 'venv', '.venv'],
      ['.venv/bin/pip', 'install', '-q', '--disable-pip-version-check', '-r', 'requirements.txt'],
    ],
    run: () => ['.venv/bin/python', 'driver.py'],
  },
  Go: {
    example: 'report-from-go',
    driver: ['driver.go', 'driver/main.go'],
    build: [['go', 'build', '-o', 'driver.bin', './driver']],
    run: () => ['./driver.bin'],
  },
  Java: {
    example: 'report-from-java',
    driver: ['Driver.java', 'src/Driver.java'],
    build: [['mvn', '-q', '-B', 'compile', 'dependency:build-classpath', `-Dmdep.outputFile=${CLASSPATH}`]],
    run: (folder) => [
      'java',
      '-cp',
      `target/classes:${readFileSync(join(folder, CLASSPATH), 'utf8').trim()}`,
      'Driver',
    ],
  },
};

export const LANGUAGES = Object.keys(RECIPES);

/** What a driver is asked: to run the example's workflow so often with this call. */
type Job = { readonly call: object; readonly count: number };

/** One end of the example's workflow: the answer of `reportCall`, or its failure. */
export type End = Readonly<Record<string, unknown>>;

export type Driver = { readonly language: string; readonly ask: (job: Job) => Promise<readonly End[]> };

/** Builds the example. Rejects with what the tools wrote. */
export async function buildExample(language: string, folder: string): Promise<void> {
  const { example, driver, build } = recipeOf(language);
  const [file, place] = driver;
  cpSync(join(__dirname, '../../../examples', example), folder, { recursive: true });
  mkdirSync(dirname(join(folder, place)), { recursive: true });
  cpSync(join(__dirname, file), join(folder, place));
  for (const command of build) await ended(start(command, folder, { GOTOOLCHAIN: 'local', GOFLAGS: '' }), command);
}

/** Starts the driver in the folder where it was built. Resolves once its worker runs. `stop` ends it. */
export async function startDriver(
  language: string,
  folder: string,
  address: string,
): Promise<Driver & { readonly stop: () => Promise<void> }> {
  const command = recipeOf(language).run(folder);
  const child = start(command, folder, { TEMPORAL_ADDRESS: address });
  const end = ended(child, command);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await Promise.race([lines.next(), end.then(() => ({ done: true as const, value: undefined }))]);
    if (next.done === true) throw new Error(`the driver in ${language} ended`);
    return next.value;
  };
  const first = await line();
  if (first !== 'ready') throw new Error(`the driver in ${language} says ${first}`);
  return {
    language,
    ask: async (job) => {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      return JSON.parse(await line()) as readonly End[];
    },
    stop: async () => {
      child.stdin.end();
      await end;
    },
  };
}

function recipeOf(language: string): Recipe {
  const recipe = RECIPES[language];
  if (recipe === undefined) throw new Error(`no language ${language}; there are ${LANGUAGES.join(', ')}`);
  return recipe;
}

function start(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env } });
  if (child.pid !== undefined) child.once('close', killWhenWeDie(child.pid));
  return child;
}

/** Resolves once the process has ended well. */
async function ended(child: ChildProcessWithoutNullStreams, command: readonly string[]): Promise<void> {
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  child.stdout.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command.join(' ').slice(0, 200)} ended with ${code}:\n${said}`);
}
