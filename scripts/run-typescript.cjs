/**
 * Lets node run the scripts that are TypeScript, with the compiler the tests use:
 *   node -r ./scripts/run-typescript.cjs scripts/publish-contract.ts
 * They are TypeScript because the tests run the same code; Node 20 takes no types off by itself.
 */
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};
