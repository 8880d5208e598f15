/** `worker --check` against a real server and a real PostgreSQL: what it finds, how it ends, and that it polls nothing. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { dbCommand } from '../../cli/commands/db/command.ts';
import { workerCommand } from '../../cli/worker/command.ts';
import { VERSION } from '../../contract/version.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { devServer, startOwnServer } from '../support/temporal-server.ts';

const home = mkdtempSync(join(tmpdir(), 'topcalls-check-'));
const secretsFile = join(home, 'secrets.json');
let postgres: TestPostgres;
let good: NodeJS.ProcessEnv;

beforeAll(async () => {
  postgres = await startPostgres();
  writeFileSync(secretsFile, '{ "acct_1": "s1", "acct_2": { "current": "s2", "previous": ["s3"] } }');
  good = {
    HOME: home,
    TEMPORAL_ADDRESS: devServer().address,
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_SECRETS_FILE: secretsFile,
    TOPCALLS_DATABASE_URL: postgres.url,
    TOPCALLS_TASK_QUEUE: `check-${randomUUID()}`,
  };
});
afterAll(() => postgres.close());

/** Runs the check; its lines as `[outcome, what, words]`. */
async function check(env: NodeJS.ProcessEnv) {
  const { code, stdout } = await runInProcess(workerCommand, ['--check'], env);
  const lines = stdout.split('\n').filter((line) => line.includes('\t'));
  return { code, rows: lines.map((line) => line.split('\t')) };
}

test('a worker that could start passes every check, and nothing was polled or migrated', async () => {
  const first = await check(good);
  expect(first.code).toBe(0);
  expect(first.rows).toEqual([
    ['ok', 'environment', `topcalls-webhooks ${VERSION}, task queue ${good['TOPCALLS_TASK_QUEUE']}`],
    ['ok', 'secrets file', `${secretsFile}, 2 references`],
    ['ok', 'encryption keys', 'none: payloads are not encrypted'],
    ['ok', 'server', devServer().address],
    ['ok', 'namespace', 'default'],
    ['ok', 'search attributes', 'all 5'],
    ['ok', 'version', 'none: runs go on with whatever worker is there'],
    ['ok', 'database', expect.stringMatching(/^127\.0\.0\.1:\d+\/postgres, schema topcalls_webhooks$/)],
    ['ok', 'schema', expect.stringMatching(/^\d+ pending: the worker applies .* at its start$/)],
  ]);
  const connection = await Connection.connect({ address: devServer().address });
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace: 'default',
    taskQueue: { name: good['TOPCALLS_TASK_QUEUE'] ?? '' },
  });
  expect(pollers).toEqual([]);
  await connection.close();
  expect((await runInProcess(dbCommand, ['migrate'], good)).code).toBe(0);
  expect((await check(good)).rows.at(-1)).toEqual(['ok', 'schema', 'up to date']);
});

test('every problem is named in one run, and the first one gives the exit code', async () => {
  const { code, rows } = await check({
    ...good,
    TEMPORAL_NAMESPACE: 'nowhere',
    TOPCALLS_SECRETS_FILE: join(home, 'none.json'),
    TOPCALLS_NOTIFY_URL: 'https://ops.example.com/webhooks',
    TOPCALLS_DATABASE_URL: `postgres://topcalls@127.0.0.1:${await freePort()}/postgres`,
  });
  expect(code).toBe(2);
  expect(rows.map(([outcome, what]) => `${outcome} ${what}`)).toEqual([
    'ok environment',
    'failed secrets file',
    'ok encryption keys',
    'ok server',
    'failed namespace',
    '- search attributes, version',
    'failed database',
    '- schema',
    // Whether its secret is there depends on the file.
    '- delivery events',
  ]);
  expect(rows[4]?.[2]).toContain('nowhere');
});

test('a server that does not answer is exit code 3, missing search attributes are 1 with what adds them', async () => {
  const env = { ...good, TOPCALLS_DATABASE_URL: 'none' };
  // A server that is not there is waited for.
  const waiting = check({ ...env, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` });
  const server = await startOwnServer({ searchAttributes: {} });
  const bare = await check({ ...env, TEMPORAL_ADDRESS: server.address });
  await server.stop();
  const absent = await waiting;
  expect(absent.code).toBe(3);
  expect(absent.rows.slice(3)).toEqual([
    ['failed', 'server', expect.stringContaining('no Temporal server at')],
    ['-', 'namespace, search attributes, version', 'not checked'],
    ['ok', 'database', 'none: outcomes are recorded nowhere'],
    ['-', 'schema', 'not checked'],
  ]);
  expect(bare.code).toBe(1);
  expect(bare.rows[5]).toEqual(['failed', 'search attributes', expect.stringContaining('topcalls-webhooks setup')]);
});
