/**
 * Tests run on the TypeScript sources; only the package tests build `dist` first (test/support/packed-package.ts).
 * Two projects: `pure` needs no server and starts at once; `servers` shares one Temporal development server, started by
 * its globalSetup. A server that cannot be had is a failure, never a skip.
 *   npx jest --selectProjects pure      npx jest --selectProjects servers      npx jest test/unit/cli
 */
const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

const tests = (...folders) => folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`);

module.exports = {
  // Long enough for a machine that is busy with other work: no test proves anything by how fast it is. The longest are
  // those that build the package first.
  testTimeout: 300_000,
  // On two cores Jest would take one process; most server tests wait (for a ladder, an outage) more than they compute.
  maxWorkers: 2,
  projects: [
    {
      ...shared,
      displayName: 'pure',
      testMatch: tests('unit', 'activities', 'architecture', 'replay'),
    },
    {
      ...shared,
      displayName: 'servers',
      testMatch: tests('workflows', 'integration'),
      globalSetup: '<rootDir>/test/support/start-shared-server.js',
      globalTeardown: '<rootDir>/test/support/stop-shared-server.js',
    },
  ],
};
