/** In production (NODE_ENV, which only the command reads) no worker starts that could reach its own machine. */
import { expect, test } from '@jest/globals';
import { devCommand } from '../../../../cli/dev/command.ts';
import { runWorker } from '../../../../cli/worker/run.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

// The file is looked for after the egress check and before anything is connected.
const env = {
  HOME: '/nonexistent',
  TOPCALLS_ARTIFACTS_URL: 'none',
  TOPCALLS_DATABASE_URL: 'none',
  TOPCALLS_SECRETS_FILE: '/nonexistent/secrets.json',
};

test.each([
  '127.0.0.0/8',
  '127.0.0.1/32',
  '::1/128',
  '::/16',
  '0.0.0.0/8',
  '10.0.0.0/8,127.8.0.0/16',
  '::ffff:127.0.0.1/128',
])('NODE_ENV=production with %s allowed is refused, with what to do', async (allowCidrs) => {
  const started = runWorker({ ...env, NODE_ENV: 'production', TOPCALLS_EGRESS_ALLOW_CIDRS: allowCidrs });
  await expect(started).rejects.toMatchObject({
    code: 'bad_environment',
    problems: [
      {
        variable: 'TOPCALLS_EGRESS_ALLOW_CIDRS',
        received: `"${allowCidrs}" with NODE_ENV=production`,
        fix: 'remove these ranges, or unset NODE_ENV for development',
      },
    ],
  });
});

test.each([
  ['production', '10.20.0.0/16'],
  ['development', '127.0.0.0/8'],
  ['', '127.0.0.0/8'],
])('NODE_ENV=%j with %s allowed gets past the egress check', async (NODE_ENV, allowCidrs) => {
  await expect(runWorker({ ...env, NODE_ENV, TOPCALLS_EGRESS_ALLOW_CIDRS: allowCidrs })).rejects.toMatchObject({
    message: expect.stringContaining('secrets.json'),
  });
});

test('dev, whose worker always reaches loopback, does not start in production either', async () => {
  const run = await runInProcess(devCommand, [], { NODE_ENV: 'production' });
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('not with NODE_ENV=production') });
});
