/** The workflow code as workers load it: small, and free of everything the sandbox must not see. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/source-imports.ts';

let folder: string;
let code: string;
let modules: readonly string[];
let encrypted: string;

// Compiled first, as the package ships it: the bundle carries its sources in a map, and TypeScript is the larger source.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workflow-bundle-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  // Whether all of it type-checks is another gate's question; the compiler writes its output either way.
  spawnSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')]);
  const workflowsPath = join(folder, 'dist/workflows/index.js');
  ({ code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') }));
  const failureConverterPath = join(folder, 'dist/codec/failure-converter.js');
  const bundle = await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger: new DefaultLogger('WARN') });
  encrypted = bundle.code;
  modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, name = '']) => name);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the bundle is below 1.8 MB; the SDK alone is 1.63', () => {
  expect(code.length).toBeLessThan(1_800_000);
});

test('of which the code, without its source map, is below 0.65 MB; the SDK alone is 0.52', () => {
  expect(code.lastIndexOf('//# sourceMappingURL')).toBeGreaterThan(0);
  expect(code.lastIndexOf('//# sourceMappingURL')).toBeLessThan(650_000);
});

test('it holds our workflows and pure files of contract, nothing else of ours', () => {
  const ours = modules.filter((name) => !name.includes('node_modules') && name.endsWith('.js') && name.startsWith('.'));
  expect(ours.some((name) => name.endsWith('workflows/call-webhook.js'))).toBe(true);
  expect(ours.filter((name) => !/dist\/(workflows|contract)\/[a-z-]+\.js$/.test(name))).toEqual([]);
});

test('it holds packages of the SDK only: no zod, no pino, no undici', () => {
  const packages = modules.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []);
  expect([...new Set(packages)].sort()).toEqual([
    '@temporalio/common',
    '@temporalio/workflow',
    'long',
    'ms',
    'nexus-rpc',
  ]);
});

test('the bundle of encrypting workers is the same but for the failure converter, and as small', () => {
  const modulesOf = (text: string) => [...text.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, name = '']) => name);
  const added = modulesOf(encrypted).filter((name) => !modules.includes(name));
  expect(added.map((name) => name.replace(/^.*\/dist\//, ''))).toEqual(['codec/failure-converter.js']);
  expect(encrypted.length).toBeLessThan(1_800_000);
});

test('it loads no module of node', () => {
  expect(modules.filter((name) => /^(node:|external )/.test(name))).toEqual([]);
  expect(code).not.toMatch(/require\(["'](node:[^"']+|crypto|fs|net|http|https|os|path|stream)["']\)/);
});
