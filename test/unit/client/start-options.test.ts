/** The texts that a run shows in the Web UI from its start: Markdown of ours, and hosts that customers chose. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { startOptions } from '../../../client/start-options.ts';
import type { RunInput } from '../../../contract/run-messages.ts';
import { DRIVES_A_SCREEN, hostileText } from '../../support/hostile-text.ts';

function shown(host: string): { readonly summary: string; readonly details: string } {
  // All of it comes from the run's input, which somebody else may have started.
  const refusal = host;
  const endpoint = { endpointId: host, webhookId: host, url: 'https://x.example/', host, refusal };
  const input = {
    event: 'call.completed',
    endpoints: [endpoint, endpoint],
    policy: { retryDelaysMs: [60_000] },
    searchAttributes: false,
    call: { campaign_id: null },
    repairs: [{ field: host, problem: host }],
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
