/**
 * The programs that the images of docker-compose.yml hold, without the images: Temporal's server and its SQL tool are built
 * from their Go module, once, into the CLI's lasting cache folder; the `temporal` CLI comes from wherever the CLI finds it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { built } from './built.mjs';
import { runToEnd } from './processes.mjs';

const { cachedPath, isExecutable, keepInCache } = built('cli/program-cache');
const { temporalBinaries } = built('cli/temporal-binary');

const MODULE = 'go.temporal.io/server';
/** Name in the images → package of the module, and what `go install` calls the program. */
const PACKAGES = {
  'temporal-server': { path: 'cmd/server', program: 'server' },
  'temporal-sql-tool': { path: 'cmd/tools/sql', program: 'sql' },
};
// 10 min on two busy cores; a build that takes longer is still better let finish than begun again.
const BUILD_TIMEOUT_MS = 45 * 60_000;

/** A program cannot be had; the message says what to do. */
export class MissingProgramError extends Error {}

/** Makes `folder` a PATH folder with `temporal-server`, `temporal-sql-tool` and `temporal`; resolves with the path of the
 *  SQL schemas. Rejects with MissingProgramError. */
export async function gatherPrograms(folder, version, say) {
  mkdirSync(folder);
  for (const name of Object.keys(PACKAGES)) symlinkSync(await goProgram(name, version, say), join(folder, name));
  symlinkSync(await temporalCli(say), join(folder, 'temporal'));
  return schemaFolder(version, say);
}

async function goProgram(name, version, say) {
  const path = cachedPath(process.env, name, version);
  if (isExecutable(path)) return path;
  const { path: packagePath, program } = PACKAGES[name];
  say(`building ${name} ${version} with go install: several minutes, once; kept in ${path}`);
  return keepInCache(process.env, path, async (working) => {
    await go(['install', `${MODULE}/${packagePath}@v${version}`], { GOBIN: working }, say);
    return join(working, program);
  });
}

/** The image admin-tools has it as /etc/temporal/schema. Kept beside the programs, so that later runs need no Go. */
async function schemaFolder(version, say) {
  const path = cachedPath(process.env, 'temporal-schema', version);
  if (existsSync(path)) return path;
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', `${MODULE}@v${version}`], {}, say));
  return keepInCache(process.env, path, async (working) => {
    const copy = join(working, 'schema');
    const source = join(Dir, 'schema');
    for (const name of readdirSync(source, { recursive: true })) {
      if (!name.startsWith('postgresql') || statSync(join(source, name)).isDirectory()) continue;
      mkdirSync(dirname(join(copy, name)), { recursive: true });
      // Not cp: the module cache is read-only, folders too, and its copy could not be deleted.
      writeFileSync(join(copy, name), readFileSync(join(source, name)));
    }
    return copy;
  });
}

async function go(args, more, say) {
  const startedAt = Date.now();
  const ticking = setInterval(() => say(`… go ${args[0]}: ${Math.round((Date.now() - startedAt) / 1_000)} s`), 30_000);
  try {
    return (await runToEnd('go', ['go', ...args], { ...process.env, ...more }, BUILD_TIMEOUT_MS)).stdout;
  } catch (error) {
    const help =
      error.cause.code === 'ENOENT'
        ? 'there is no `go` on PATH, and Temporal’s server is not built yet: install Go (https://go.dev/dl) and call again'
        : `go ${args.join(' ')}: ${error.message}\n` +
          'It needs the Go version that the module names, and a module proxy it can reach (go env GOPROXY).';
    throw new MissingProgramError(help, { cause: error });
  } finally {
    clearInterval(ticking);
  }
}

async function temporalCli(say) {
  const tried = [];
  for await (const { path } of temporalBinaries({ env: process.env, onProgress: say, tried })) return path;
  const lines = tried.map(({ what, reason, mend }) => `  - ${what}: ${reason}; ${mend}`);
  throw new MissingProgramError(`no \`temporal\` program:\n${lines.join('\n')}`);
}
