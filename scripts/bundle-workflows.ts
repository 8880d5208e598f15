/**
 * Second half of `npm run build`: the workflow bundles that workers load where their SDK is the one that made them.
 * There are two, because a failure converter is compiled in: the SDK's own, and the one that lets the codec encrypt
 * failure messages.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { Logger } from '@temporalio/worker';
import type * as Preloaded from '../worker/preloaded-modules.ts';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
const nothing = (): void => {};
const logger: Logger = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: console.warn,
  error: console.error,
};

async function main(): Promise<void> {
  const workflowsPath = join(DIST, 'workflows/index.js');
  const failureConverterPath = join(DIST, 'codec/failure-converter.js');
  const { preloadedModules } = (await import(join(DIST, 'worker/preloaded-modules.js'))) as typeof Preloaded;
  const preloadModules = preloadedModules();
  const plain = await bundleWorkflowCode({ workflowsPath, preloadModules, logger });
  writeFileSync(join(DIST, 'workflow-bundle.js'), withoutBuildPaths(plain.code));
  const encrypted = await bundleWorkflowCode({ workflowsPath, failureConverterPath, preloadModules, logger });
  writeFileSync(join(DIST, 'workflow-bundle-encrypted.js'), withoutBuildPaths(encrypted.code));
  // Hosts may name the bundles by ./workflow-bundle, and every door has types. These have nothing to import.
  for (const name of ['workflow-bundle', 'workflow-bundle-encrypted'])
    writeFileSync(join(DIST, `${name}.d.ts`), 'export {};\n');
  const sdk = readFileSync(require.resolve('@temporalio/worker/package.json'), 'utf8');
  const { version } = JSON.parse(sdk) as { version: string };
  writeFileSync(join(DIST, 'workflow-bundle.json'), `${JSON.stringify({ version })}\n`);
}

/** The SDK needs the source map for stack traces. Its absolute paths would name the machine that built the package,
 *  so they become relative. The sources inside it go, since `dist` has them anyway. */
function withoutBuildPaths(code: string): string {
  const marker = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';
  const at = code.lastIndexOf(marker);
  if (at < 0) throw new Error('the workflow bundle has no source map where one was expected');
  const map = JSON.parse(Buffer.from(code.slice(at + marker.length), 'base64').toString()) as { sources: string[] };
  const sources = map.sources.map((source) => source.replaceAll(`${ROOT}/`, ''));
  const text = JSON.stringify({ ...map, sources, sourcesContent: undefined });
  if (text.includes(ROOT)) throw new Error('the workflow bundle still names the folder it was built in');
  return `${code.slice(0, at)}${marker}${Buffer.from(text).toString('base64')}\n`;
}

void main();
