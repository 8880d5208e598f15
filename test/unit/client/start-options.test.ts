/** The texts that a run shows in the Web UI from its start: Markdown of ours, and hosts that customers chose. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { startOptions } from '../../../client/start-options.ts';
import type { RunInput } from '../../../contract/run-messages.ts';
import { utf8Bytes } from '../../../contract/byte-length.ts';
import { DRIVES_A_SCREEN, hostileText } from '../../support/hostile-text.ts';

function shown(host: string, count = 1): { readonly summary: string; readonly details: string } {
  // All of it comes from the run's input, which somebody else may have started.
  const refusal = host;
  const endpoint = { endpointId: host, webhookId: host, url: 'https://x.example/', host, refusal };
  const input = {
    event: 'call.completed',
    endpoints: Array.from({ length: 2 * count }, () => endpoint),
    policy: { retryDelaysMs: [60_000] },
    searchAttributes: false,
    call: { campaign_id: null },
    repairs: Array.from({ length: count }, () => ({ field: host, problem: host })),
  } as unknown as RunInput;
  const { staticSummary, staticDetails } = startOptions('call-webhook/c1', input as never);
  return { summary: staticSummary, details: staticDetails };
}

const outside = (markdown: string): string => markdown.replaceAll(/`[^`]*`/g, '``');

test('a host is text: outside of code spans nothing depends on it, so it is no link, no HTML and no line', () => {
  const expected = shown('X');
  fc.assert(
    fc.property(hostileText, (host) => {
      const { summary, details } = shown(host);
      // Only a host of these characters stands there without a code span. None of them is Markdown.
      if (/^(?!www\.)[a-z0-9.-]+$/.test(host)) {
        expect(summary).toContain(`call.completed → ${host}`.slice(0, 190));
        return;
      }
      expect([outside(summary), outside(details)]).toEqual([outside(expected.summary), outside(expected.details)]);
      expect(`${summary}${details}`.replaceAll('\n', '')).not.toMatch(DRIVES_A_SCREEN);
      expect(Array.from(summary).length).toBeLessThanOrEqual(200);
    }),
    { numRuns: 500 },
  );
});

test('an ordinary host stands as it is, one that the Web UI would make a link of does not', () => {
  expect(shown('crm.example.com').summary).toBe('call.completed → crm.example.com, crm.example.com');
  expect(shown('www.example.com').summary).toBe('call.completed → `www.example.com, www.example.com`');
  const long = 'a'.repeat(150);
  expect(shown(long).summary).toBe(`call.completed → ${long}, ${long}`.slice(0, 199) + '…');
});

test.each(['é'.repeat(30_000), '`'.repeat(250), '\u{1F600}'.repeat(120), 'www.example.com'])(
  'the details have fewer bytes than the server takes, end whole, and count what they leave out',
  (text) => {
    const { details } = shown(text, 10);
    expect(utf8Bytes(JSON.stringify(details))).toBeLessThan(17_500);
    expect(details.split('`').length % 2).toBe(1);
    const lines = details.split('\n');
    const shownLines = lines.filter((line) => line.startsWith('- `')).length;
    const leftOut = lines.map((line) => Number(/^- (\d+) more are left out/.exec(line)?.[1] ?? 0));
    expect(shownLines + leftOut.reduce((sum, count) => sum + count, 0)).toBe(30);
  },
);

/** Details of one endpoint with a long host and of one repair with a long text, so that each line has so many bytes. */
function detailsWith(endpointBytes: number, repairBytes: number): string {
  const input = (host: string, problem: string): RunInput =>
    ({
      event: 'call.completed',
      endpoints: [{ endpointId: 'ep_1', webhookId: 'msg_1', url: 'https://x.example/', host, secretRef: 'main' }],
      policy: { retryDelaysMs: [] },
      searchAttributes: false,
      call: { campaign_id: null },
      repairs: [{ field: 'f', problem }],
    }) as unknown as RunInput;
  const details = (host: string, problem: string) =>
    startOptions('call-webhook/c1', input(host, problem) as never).staticDetails;
  const [endpoint = '', repair = ''] = details('a', 'p')
    .split('\n')
    .filter((line) => line.startsWith('- `'))
    .map((line) => JSON.stringify(line.slice(2)));
  return details('a'.repeat(endpointBytes - endpoint.length + 1), 'p'.repeat(repairBytes - repair.length + 1));
}

test.each([
  [8_000, 7_000, ['- `a', '- `f']],
  [8_001, 7_000, ['- 1 ', '- `f']],
  [8_000, 7_001, ['- `a', '- 1 ']],
  [200_000, 200_000, ['- 1 ', '- 1 ']],
])('an endpoint of %i bytes and a repair of %i: %j', (endpointBytes, repairBytes, starts) => {
  const lines = detailsWith(endpointBytes, repairBytes)
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(lines.map((line) => line.slice(0, 4))).toEqual(starts);
});
