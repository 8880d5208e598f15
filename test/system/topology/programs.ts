/**
 * The programs that the images of docker-compose.yml hold, without the images. Temporal's server and its SQL tool are
 * built from their Go module, once, into the lasting cache folder. The `temporal` CLI is the one that `dev` would
 * use.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cachedPath, isExecutable, keepInCache } from '../../../temporal-server/program-cache.ts';
import { runToEnd } from '../../support/processes.ts';
import { findTemporalCli } from '../../support/temporal-server.ts';

const MODULE = 'go.temporal.io/server';
/** Name in the images → package of the module, and what `go install` calls the program. */
const PACKAGES = {
  'temporal-server': { path: 'cmd/server', program: 'server' },
  'temporal-sql-tool': { path: 'cmd/tools/sql', program: 'sql' },
};
// 10 min on two busy cores. A build that takes longer is better left to finish than begun again.
const BUILD_TIMEOUT_MS = 45 * 60_000;

type Say = (line: string) => void;

/** Makes `folder` a PATH folder with `temporal-server`, `temporal-sql-tool` and `temporal`; resolves with the path of
 *  the SQL schemas. Rejects, saying what to do, where one cannot be had. */
export async function gatherPrograms(folder: string, version: string, say: Say): Promise<string> {
  mkdirSync(folder);
  for (const name of ['temporal-server', 'temporal-sql-tool'] as const)
    symlinkSync(await goProgram(name, version, say), join(folder, name));
  symlinkSync(await findTemporalCli(say), join(folder, 'temporal'));
  return schemaFolder(version, say);
}

/** Folder of the sources of a Go module, `path@version`. */
export async function goModuleFolder(module: string, say: Say): Promise<string> {
  return (JSON.parse(await go(['mod', 'download', '-json', module], {}, say)) as { Dir: string }).Dir;
}

/** A program of a Go module that must be built inside its own folder, because its go.mod has replacements. Resolves with
 *  the program and the module's folder. */
export async function goModuleProgram(
  { name, version, module, path }: Readonly<Record<'name' | 'version' | 'module' | 'path', string>>,
  say: Say,
): Promise<{ readonly program: string; readonly folder: string }> {
  const folder = await goModuleFolder(module, say);
  const program = cachedPath(process.env, name, version);
  if (isExecutable(program)) return { program, folder };
  say(`building ${name} ${version} with go build: several minutes, once; kept in ${program}`);
  await keepInCache(process.env, program, async (working) => {
    const built = join(working, name);
    await go(['-C', folder, 'build', '-o', built, path], {}, say);
    return built;
  });
  return { program, folder };
}

async function goProgram(name: keyof typeof PACKAGES, version: string, say: Say): Promise<string> {
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
async function schemaFolder(version: string, say: Say): Promise<string> {
  const path = cachedPath(process.env, 'temporal-schema', version);
  if (existsSync(path)) return path;
  const folder = await goModuleFolder(`${MODULE}@v${version}`, say);
  return keepInCache(process.env, path, async (working) => {
    const copy = join(working, 'schema');
    const source = join(folder, 'schema');
    for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      if (!name.startsWith('postgresql') || statSync(join(source, name)).isDirectory()) continue;
      mkdirSync(dirname(join(copy, name)), { recursive: true });
      // Not cp: the module cache is read-only, folders too, and its copy could not be deleted.
      writeFileSync(join(copy, name), readFileSync(join(source, name)));
    }
    return copy;
  });
}

async function go(args: readonly string[], more: NodeJS.ProcessEnv, say: Say): Promise<string> {
  const startedAt = Date.now();
  const ticking = setInterval(() => say(`… go ${args[0]}: ${Math.round((Date.now() - startedAt) / 1_000)} s`), 30_000);
  try {
    return (await runToEnd('go', ['go', ...args], { ...process.env, ...more }, BUILD_TIMEOUT_MS)).stdout;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { readonly code?: unknown };
    if (code === 'ENOENT') {
      throw new Error(
        'there is no `go` on PATH, and Temporal’s server is not built yet: ' +
          'install Go (https://go.dev/dl) and call again',
        { cause: error },
      );
    }
    throw new Error(
      `go ${args.join(' ')}: ${(error as Error).message}\n` +
        'It needs the Go version that the module names, and a module proxy it can reach (go env GOPROXY).',
      { cause: error },
    );
  } finally {
    clearInterval(ticking);
  }
}
