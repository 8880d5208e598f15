/** The window of a search, and how far back the log reaches: nothing found must not look as if all were well. */
import { expect, test } from '@jest/globals';
import { MemoryDeliveryLog } from '../../../../adapters/index.ts';
import { sampleRecord } from '../../../../adapters/conformance/sample-records.ts';
import { dbCommand } from '../../../../cli/commands/db/command.ts';
import { endpointsCommand } from '../../../../cli/commands/endpoints/command.ts';
import { reachNote } from '../../../../cli/commands/log-reach.ts';
import { reconcileCommand } from '../../../../cli/commands/reconcile/command.ts';
import { reportCommand } from '../../../../cli/commands/report/command.ts';
import { statsCommand } from '../../../../cli/commands/stats/command.ts';
import { windowOf } from '../../../../cli/commands/window.ts';
import { freePort } from '../../../../temporal-server/ports.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

const NOW_MS = Date.parse('2026-06-30T12:00:00.000Z');

test('a window is a day back from now, unless it is named', () => {
  expect(windowOf({}, NOW_MS)).toEqual({ since: '2026-06-29T12:00:00.000Z', until: '2026-06-30T12:00:00.000Z' });
  const june = { since: '2026-06-01T00:00:00.000Z', until: '2026-06-30T00:00:00.000Z' };
  expect(windowOf(june, NOW_MS)).toEqual(june);
});

test.each([
  [{ until: '2026-06-28T12:00:00.000Z' }, 'is more than a day ago, where the window begins by default: give --since'],
  [{ since: '2026-06-02T00:00:00.000Z', until: '2026-06-01T00:00:00.000Z' }, 'do they change places?'],
  [{ since: '2026-06-02T00:00:00.000Z', until: '2026-06-02T00:00:00.000Z' }, 'do they change places?'],
  [{ since: '2026-07-01T00:00:00.000Z' }, 'is in the future: it is 2026-06-30T12:00:00.000Z now'],
])('an empty window %o is refused', (times, words) => {
  expect(() => windowOf(times, NOW_MS)).toThrow(words);
});

test.each([
  ['stats', statsCommand, []],
  ['report', reportCommand, ['--account', 'acct_1']],
  ['endpoints', endpointsCommand, []],
  ['reconcile', reconcileCommand, []],
  ['db list', dbCommand, ['list']],
] as const)('%s refuses one before it asks anybody', async (_name, command, args) => {
  const { code, stderr } = await runInProcess(command, [...args, '--since', '1h', '--until', '2h']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('do they change places?')]);
});

test('a log without older records says so, where nothing was found', async () => {
  const log = new MemoryDeliveryLog();
  expect(await reachNote(log, '2026-06-01T00:00:00.000Z')).toContain('no record of this log ended before 2026-06-01');
  await log.record(sampleRecord({ endedAt: '2026-05-31T23:59:59.000Z' }));
  expect(await reachNote(log, '2026-06-01T00:00:00.000Z')).toBeUndefined();
  expect(await reachNote(log, undefined)).toBeUndefined();
});

test('without the log stats names the command for the same customers and time', async () => {
  const times = ['--since', '2026-06-01', '--until', '2026-06-02'];
  const whose = ['--account', 'acct 1', '--endpoint', 'ep_aaaaaaaaaaaa', '-n', 'prod'];
  const url = `postgres://user:secret@127.0.0.1:${await freePort()}/calls`;
  const { code, stderr } = await runInProcess(statsCommand, [...times, ...whose, '--url', url]);
  expect(code).toBe(3);
  expect(stderr).toContain(
    'redeliver --failed --gone --refused --since 2026-06-01T00:00:00.000Z --until 2026-06-02T00:00:00.000Z ' +
      "--account 'acct 1' --endpoint ep_aaaaaaaaaaaa --namespace prod --dry-run",
  );
});
