/** What a worker says about its egress policy at its start, and what stops the start. */
import { afterAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { MemoryArtifactSource, MemoryDeliveryLog } from '../../../adapters/memory.ts';
import { StaticSecrets } from '../../../adapters/static-secrets.ts';
import type { EgressOptions } from '../../../contract/index.ts';
import { LOOPBACK_EGRESS, webhookWorkerParts } from '../../../worker/index.ts';

function start(egress: EgressOptions | undefined, withLogger = true): unknown[][] {
  const lines: unknown[][] = [];
  const note = (level: string) => (fields: object, message: string) => void lines.push([level, message, fields]);
  webhookWorkerParts({
    artifacts: new MemoryArtifactSource(),
    secrets: new StaticSecrets({}),
    log: new MemoryDeliveryLog(),
    ...(egress === undefined ? {} : { egress }),
    ...(withLogger ? { logger: { info: note('info'), warn: note('warn'), error: note('error') } } : {}),
  });
  return lines;
}

describe('at every start a worker says where webhooks may go', () => {
  test('public https alone is worth a line', () => {
    expect(start(undefined)).toEqual([
      [
        'info',
        'webhook.egress',
        { egress: { allowHttp: false, allowCidrs: [], denyCidrs: [], allowHosts: [], nat64Prefixes: [] } },
      ],
    ]);
    expect(start({ denyCidrs: ['203.0.112.0/24'], allowedPorts: [443] })).toMatchObject([
      ['info', 'webhook.egress', { egress: { denyCidrs: ['203.0.112.0/24'], allowedPorts: [443] } }],
    ]);
  });

  test.each([
    ['a private network', { allowCidrs: ['10.20.0.0/16'] }],
    ['plain http', { allowHttp: true }],
  ])('%s is a warning with the policy as it works', (_title, egress) => {
    expect(start(egress)).toEqual([
      [
        'warn',
        'webhook.egress_opened',
        {
          egress: { allowHttp: false, allowCidrs: [], denyCidrs: [], allowHosts: [], nat64Prefixes: [], ...egress },
          fix: expect.stringContaining('docs/egress.md'),
        },
      ],
    ]);
  });

  test('loopback is a warning of its own, every time', () => {
    for (const egress of [LOOPBACK_EGRESS, LOOPBACK_EGRESS, { allowCidrs: ['0.0.0.0/8'] }]) {
      expect(start(egress)).toMatchObject([['warn', 'webhook.egress_reaches_loopback', { egress }]]);
    }
  });
});

describe('without a logger of the host’s', () => {
  const warn = jest.spyOn(process, 'emitWarning');
  beforeEach(() => {
    warn.mockReset().mockImplementation(() => undefined);
  });
  afterAll(() => warn.mockRestore());

  test('a warning goes to the process', () => {
    start(LOOPBACK_EGRESS, false);
    expect(warn.mock.calls).toMatchObject([
      [
        expect.stringContaining('for development only'),
        { code: 'webhook.egress_reaches_loopback', detail: expect.stringContaining('"127.0.0.0/8"') },
      ],
    ]);
  });

  test('the closed policy says nothing', () => {
    start({}, false);
    expect(warn).not.toHaveBeenCalled();
  });
});

test.each([
  ['a range that is too wide', { allowCidrs: ['10.0.0.0/7'] }, 'egress_range_too_wide'],
  ['a range that is none', { denyCidrs: ['10.0.0.5'] }, 'egress_bad_range'],
  ['a misspelt option', { denyCidr: ['10.0.0.0/8'] }, 'egress_unknown_option'],
])('%s keeps the worker from starting', (_title, egress, code) => {
  expect(() => start(egress as EgressOptions)).toThrow(expect.objectContaining({ name: 'EgressConfigError', code }));
});
