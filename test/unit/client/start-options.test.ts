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
  const expected = shown('x');
  fc.assert(
    fc.property(hostileText, (host) => {
      const { summary, details } = shown(host);
      expect([outside(summary), outside(details)]).toEqual([outside(expected.summary), outside(expected.details)]);
      expect(`${summary}${details}`.replaceAll('\n', '')).not.toMatch(DRIVES_A_SCREEN);
      expect(Array.from(summary).length).toBeLessThanOrEqual(200);
    }),
    { numRuns: 500 },
  );
});
