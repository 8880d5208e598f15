/** How a command opens the log, or says how to go on without it. With a real server: test/integration/postgres-cli. */
import { expect, test } from '@jest/globals';
import { withLog, withLogOr, withOptionalLog } from '../../../../cli/commands/db/open.ts';

const NOBODY = { TOPCALLS_DATABASE_URL: 'postgres://topcalls:any@127.0.0.1:9/postgres' };

test('where the log does not answer, a command that needs none says how to go on without it', async () => {
  const asking = withOptionalLog({}, NOBODY, (open) => open?.log.list() ?? Promise.reject(new Error('no log')));
  await expect(asking).rejects.toMatchObject({
    code: 'postgres_unavailable',
    exitCode: 3,
    message: expect.stringMatching(/127\.0\.0\.1:9.*the same command with --url none$/),
  });
  expect(await withOptionalLog({ url: 'none' }, NOBODY, async (open) => open)).toBeUndefined();
});

test('a command that needs the log says nothing of the kind', async () => {
  const asking = withLog({}, NOBODY, ({ log }) => log.list());
  await expect(asking).rejects.toMatchObject({ exitCode: 3, message: expect.not.stringContaining('none') });
});

test('a log that does not answer is told with what Temporal alone can answer', async () => {
  await expect(withLogOr('topcalls-webhooks x', {}, NOBODY, ({ log }) => log.list())).rejects.toMatchObject({
    code: 'postgres_unavailable',
    message: expect.stringMatching(/Without the log, by what Temporal knows: topcalls-webhooks x$/),
  });
});
