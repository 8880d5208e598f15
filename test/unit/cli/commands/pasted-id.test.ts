/** What people paste as an id, from logs, from the Web UI and from a browser's address. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { requestCommand } from '../../../../cli/commands/request/command.ts';
import { statusCommand } from '../../../../cli/commands/status/command.ts';
import { namespaceOf, readPasted } from '../../../../cli/commands/pasted-id.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

const RUN = '01a220c7-6605-76dc-9da4-674b016b89e9';

test.each([
  ['call-1', { id: 'call-1' }],
  ['  call-webhook/call-1\n', { id: 'call-webhook/call-1' }],
  ['call-webhook/call-1'.replace('/', '%2F'), { id: 'call-webhook/call-1' }],
  [
    'campaign-webhook/camp-7/campaign.completed'.replaceAll('/', '%2f'),
    { id: 'campaign-webhook/camp-7/campaign.completed' },
  ],
  // The workflow id of the call "a b": decoded once, not twice.
  ['call-webhook%2Fa%2520b', { id: 'call-webhook/a%20b' }],
  ['call-webhook/a%20b', { id: 'call-webhook/a%20b' }],
  ['100%', { id: '100%' }],
  ['call-webhook%2F100%', { id: 'call-webhook%2F100%' }],
  [RUN, { id: RUN }],
  [
    `http://127.0.0.1:8233/namespaces/default/workflows/call-webhook%2Fcall-1/${RUN}/history`,
    { id: 'call-webhook/call-1', namespace: 'default', runId: RUN },
  ],
  [
    'https://ui.example.com/temporal/namespaces/prod.a1b2c/workflows/call-webhook%2Fcall-1?x=1#y',
    { id: 'call-webhook/call-1', namespace: 'prod.a1b2c' },
  ],
  [`/namespaces/prod/workflows/call-webhook%2Fc/${RUN}`, { id: 'call-webhook/c', namespace: 'prod', runId: RUN }],
])('%j', (text, expected) => {
  expect(readPasted(text)).toEqual(expected);
});

test('another address is refused and not shown, since it may be the URL of a webhook', () => {
  const read = (): unknown => readPasted('https://crm.example.com/hook?token=hush');
  expect(read).toThrow('this address is no run of the Web UI');
  expect(read).not.toThrow('hush');
});

test('any workflow id comes back from the address of its page', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 }), (id, namespace) => {
      const page = `https://x.example/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(id)}/${RUN}`;
      expect(readPasted(page)).toEqual({ id, namespace, runId: RUN });
    }),
  );
});

test('an address and --namespace must not name two namespaces', () => {
  const pasted = readPasted('https://ui.example.com/namespaces/prod/workflows/call-webhook%2Fc');
  expect([namespaceOf(pasted, undefined), namespaceOf(pasted, 'prod')]).toEqual(['prod', 'prod']);
  expect([namespaceOf({ id: 'c' }, 'staging'), namespaceOf({ id: 'c' }, undefined)]).toEqual(['staging', undefined]);
  expect(() => namespaceOf(pasted, 'staging')).toThrow('of namespace prod, and --namespace says staging');
});

test.each([statusCommand, requestCommand])('status and request refuse them before they ask a server', async (make) => {
  const page = 'https://ui.example.com/namespaces/prod/workflows/call-webhook%2Fc';
  const { code, stderr } = await runInProcess(make, [page, '-n', 'staging'], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
  expect([code, stderr]).toEqual([2, expect.stringContaining('--namespace says staging')]);
});
