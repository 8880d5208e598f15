/** Second half of `npm run build`: the workflow bundles that workers load where their SDK is the one that made them. Two,
 *  since a failure converter is compiled in: the SDK's own, and the one that lets the codec encrypt failure messages. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bundleWorkflowCode } from '@temporalio/worker';

const require = createRequire(import.meta.url);
const nothing = () => {};
const logger = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: console.warn,
  error: console.error,
};
const workflowsPath = require.resolve('../dist/workflows/index.js');
const plain = await bundleWorkflowCode({ workflowsPath, logger });
writeFileSync('dist/workflow-bundle.js', withoutBuildPaths(plain.code));
const failureConverterPath = require.resolve('../dist/codec/failure-converter.js');
const encrypted = await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger });
writeFileSync('dist/workflow-bundle-encrypted.js', withoutBuildPaths(encrypted.code));
const { version } = JSON.parse(readFileSync(require.resolve('@temporalio/worker/package.json'), 'utf8'));
writeFileSync('dist/workflow-bundle.json', `${JSON.stringify({ version })}\n`);

/** The SDK wants the source map, for stack traces; its absolute paths would tell of the machine that built the package, and
 *  the sources in it are in `dist` anyway. */
function withoutBuildPaths(code) {
  const marker = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';
  const at = code.lastIndexOf(marker);
  if (at < 0) throw new Error('the workflow bundle has no source map where one was expected');
  const map = JSON.parse(Buffer.from(code.slice(at + marker.length), 'base64').toString());
  const sources = map.sources.map((source) => source.replaceAll(`${process.cwd()}/`, ''));
  const text = JSON.stringify({ ...map, sources, sourcesContent: undefined });
  if (text.includes(process.cwd())) throw new Error('the workflow bundle still names the folder it was built in');
  return `${code.slice(0, at)}${marker}${Buffer.from(text).toString('base64')}\n`;
}
