/**
 * Lets node run TypeScript, with the compiler that the tests use (Node 20 takes no types off by itself):
 *   node -r ./scripts/run-typescript.cjs scripts/publish-contract.ts
 */
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

// Stack traces then name the lines of the TypeScript. A thread of the SDK runs no TypeScript, and with source maps it
// would read every function that it compiles for one.
if (isMainThread) process.setSourceMapsEnabled(true);

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};
