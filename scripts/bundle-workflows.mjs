/** Second half of `npm run build`: the workflow bundle that workers load where their SDK is the one that made it. */
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
const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve('../dist/workflows/index.js'), logger });
writeFileSync('dist/workflow-bundle.js', code);
const { version } = JSON.parse(readFileSync(require.resolve('@temporalio/worker/package.json'), 'utf8'));
writeFileSync('dist/workflow-bundle.json', `${JSON.stringify({ version })}\n`);
