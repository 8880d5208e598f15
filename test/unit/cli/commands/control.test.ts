/** cancel, retry-now and redeliver: what they refuse before they touch a server. */
import { expect, test } from '@jest/globals';
import type { ControlVerb } from '../../../../cli/commands/control/request.ts';
import { controlCommand } from '../../../../cli/commands/control/command.ts';
import { progressLine } from '../../../../cli/process/progress-line.ts';
import { exactReasons, fitsReason, readReasons } from '../../../../cli/commands/reason-option.ts';
import { isOfAll } from '../../../../cli/commands/control/targets.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

const run = (verb: ControlVerb, ...args: readonly string[]) => runInProcess(controlCommand(verb), args);

test.each<[ControlVerb, string[], string]>([
  ['cancel', [], 'cancel what? Name call ids, or choose by state'],
  ['redeliver', ['call-1', '--failed'], 'ids and --failed exclude each other'],
  ['redeliver', ['call-1', '--since', '1d'], '--since narrows a choice by state'],
  ['redeliver', ['--failed'], '--failed would touch all of them in the namespace'],
  ['redeliver', ['--failed', '--gone', '--terminated'], '--failed --gone --terminated would touch all of them'],
  ['cancel', ['--running'], 'look with --dry-run, or add --all'],
  ['cancel', ['--running', '--reason', 'because'], '--running would touch all of them'],
  ['retry-now', ['--retrying', '--rate', '1'], '--retrying would touch all of them'],
  ['retry-now', ['--retrying', '--yes'], '--retrying would touch all of them'],
  ['retry-now', ['--waiting-for-us'], '--waiting-for-us would touch all of them'],
  ['retry-now', ['call-1', '--waiting-for-us'], 'ids and --waiting-for-us exclude each other'],
  ['cancel', ['--running', '--limit', '1000000'], '--running would touch all of them'],
  ['redeliver', ['call-1', '--limit', '2'], '--limit narrows a choice by state'],
  ['redeliver', ['call-1', '--all'], '--all is for a choice by state'],
  ['redeliver', ['call-1', '--started-since', '1d'], '--started-since narrows a choice by state'],
  ['redeliver', ['--delivered'], 'add --force'],
  ['retry-now', ['x'.repeat(201)], 'is no call id'],
  ['retry-now', ['call-webhook/room/42'], 'is no call id'],
  ['retry-now', ['campaign-webhook/c-1'], 'is no call id'],
  ['retry-now', ['campaign-webhook/c-1/campaign.ended'], 'is no call id'],
  ['cancel', ['call-webhook/'], 'is no call id'],
  ['cancel', ['--running', '--endpoint', 'crm.example.com/hook?token=secret'], '--endpoint must be an endpoint id'],
  [
    'cancel',
    ['--running', '--endpoint', 'crm.example.com:8443/hook?token=secret'],
    '--endpoint must be an endpoint id',
  ],
  ['cancel', ['--running', '--rate', '0'], 'whole number from 1 up'],
  ['cancel', ['--running', '--all', '--reason', 'x'.repeat(501)], 'At most 500 characters'],
  ['redeliver', ['--failed', '--since', '1h', '--until', '2h'], 'do they change places?'],
  ['cancel', ['--running', '--started-since', '2026-06-02', '--started-until', '2026-06-01'], '--started-until'],
  ['redeliver', ['--failed', '--since', '9000-01-01'], '--since 9000-01-01T00:00:00.000Z is in the future'],
  ['cancel', ['--running', '--campaign', 'x'.repeat(201)], 'An id is a text of 1 to 200 characters'],
  ['cancel', ['--running', '--since', 'monday'], 'Give a span back from now'],
  ['cancel', ['--running', '--account', 'acct_1', '--let-go'], '--let-go cancels nothing'],
  ['cancel', ['call-1', '--let-go', '--reason', 'late'], '--let-go cancels nothing'],
  ['cancel', ['call-1', '--let-go', '--endpoint', 'ep_Zk3v0cVb1m2Q'], '--let-go cancels nothing'],
  ['cancel', ['call-1', '--let-go', '--dry-run'], '--let-go cancels nothing'],
  ['redeliver', ['call-1', '--let-go'], "unknown option '--let-go'"],
  ['redeliver', ['--failed', '--reason', '503'], 'Give a code like http_503, http_5xx or timeout_total'],
  ['retry-now', ['--retrying', '--reason', 'http_5x'], 'Give a code like http_503, http_5xx or timeout_total'],
  ['redeliver', ['--failed', '--reason', 'http_503,HTTP_500'], 'Give a code like http_503, http_5xx'],
  ['retry-now', ['--failed'], "unknown option '--failed'"],
])('%s %j is refused with exit code 2 and the reason', async (verb, args, reason) => {
  const { code, stdout, stderr } = await run(verb, ...args);
  expect(stderr).toContain(reason);
  expect(stderr).not.toContain('secret');
  expect([code, stdout]).toEqual([2, '']);
});

test('help shows how to choose, what each state means and the exit codes', async () => {
  const { code, stdout } = await run('redeliver', '--help');
  expect(code).toBe(0);
  for (const words of ['--failed', '--dry-run', '--rate', '--json', 'Exit codes', '$ topcalls-webhooks redeliver']) {
    expect(stdout).toContain(words);
  }
});

test('without a server the exit code is 3 and the words name its address', async () => {
  const { code, stderr } = await runInProcess(controlCommand('cancel'), ['call-1'], {
    TEMPORAL_ADDRESS: '127.0.0.1:9',
  });
  expect([code, stderr]).toEqual([3, expect.stringContaining('no Temporal server at 127.0.0.1:9')]);
});

test('progress shows a bar, the count, the share and what is left', () => {
  expect(progressLine(0, 360, 0)).toBe('[------------------------] 0/360  0 %');
  expect(progressLine(120, 360, 12_000)).toBe('[########----------------] 120/360  33 %  about 24 s left');
  expect(progressLine(60, 3_600, 6_000)).toBe('[------------------------] 60/3600  1 %  about 6 min left');
  expect(progressLine(360, 360, 36_000)).toBe('[########################] 360/360  100 %');
});

test.each<[boolean, Parameters<typeof isOfAll>[0]]>([
  [true, {}],
  [true, { since: '2026-01-31T00:00:00Z', until: '2026-02-01T00:00:00Z' }],
  [true, { startedSince: '2026-01-31T00:00:00Z', reason: 'http_503', limit: 2 }],
  [false, { since: '2026-01-31T00:00:00Z', endpoint: 'ep_Zk3v0cVb1m2Q' }],
  [false, { account: 'acct_1' }],
  [false, { campaign: 'camp-7' }],
  [false, { event: 'call.failed' }],
])('webhooks of all customers: %s for %j', (isSo, options) => {
  expect(isOfAll(options)).toBe(isSo);
});

test('a class of reasons is every status of it, and several may be named', () => {
  const typed = readReasons('timeout_total', readReasons('http_5xx,http_401'));
  const codes = ['http_500', 'http_503', 'http_599', 'http_401', 'timeout_total'];
  expect(codes.filter((code) => !fitsReason(typed, code))).toEqual([]);
  for (const other of ['http_403', 'http_5xx', 'http_50', 'timeout', undefined])
    expect([other, fitsReason('http_5xx,http_401,timeout_total', other)]).toEqual([other, other === 'http_5xx']);
  const exact = exactReasons(typed);
  expect([exact.length, ...codes.map((code) => exact.includes(code))]).toEqual([102, ...codes.map(() => true)]);
});
