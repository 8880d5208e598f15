/** The workflow code as workers load it: small, and free of everything the sandbox must not see. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger, type BundleOptions } from '@temporalio/worker';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/source-imports.ts';

let folder: string;
let code: string;
let modules: readonly string[];
let encrypted: string;

// Compiled first, as the package ships it: the bundle's map contains the sources, and TypeScript is larger. Files get
// names relative to `folder`, since webpack writes each path many times: a checkout 80 characters deeper made the
// same code 12 KB larger.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workflow-bundle-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  // Another gate checks the types. The compiler writes its output either way.
  spawnSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')]);
  const workflowsPath = join(folder, 'dist/workflows/index.js');
  code = await bundled({ workflowsPath });
  encrypted = await bundled({ workflowsPath, failureConverterPath: join(folder, 'dist/codec/failure-converter.js') });
  modules = modulesOf(code);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the bundle is below 1.83 MB; the SDK alone is 1.63', () => {
  expect(code.length).toBeLessThan(1_830_000);
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
  const added = modulesOf(encrypted).filter((name) => !modules.includes(name));
  expect(added.map((name) => name.replace(/^.*\/dist\//, ''))).toEqual(['codec/failure-converter.js']);
  expect(encrypted.length).toBeLessThan(1_830_000);
});

test('it loads no module of node', () => {
  expect(modules.filter((name) => /^(node:|external )/.test(name))).toEqual([]);
  expect(code).not.toMatch(/require\(["'](node:[^"']+|crypto|fs|net|http|https|os|path|stream)["']\)/);
});

async function bundled(options: Omit<BundleOptions, 'logger' | 'webpackConfigHook'>): Promise<string> {
  const bundle = await bundleWorkflowCode({
    ...options,
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: (config) => ({
      ...config,
      context: folder,
      resolve: { ...config.resolve, symlinks: false },
      output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' },
    }),
  });
  expect(bundle.code).not.toContain(folder);
  return bundle.code;
}

function modulesOf(text: string): readonly string[] {
  return [...text.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, name = '']) => name);
}
