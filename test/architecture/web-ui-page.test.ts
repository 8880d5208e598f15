/**
 * Compares docs/web-ui.md with the code: its pictures exist, its filters name what exists, and runs really show its
 * words.
 */
import { describe, expect, it, test } from '@jest/globals';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attemptFailure, notReady } from '../../activities/delivery-failure.ts';
import type { DeliveryStatus, WebhookStatus } from '../../contract/delivery-state.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';
import type { DeliverInput } from '../../contract/run-messages.ts';
import packageJson from '../../package.json';
import { liveDetails } from '../../workflows/live-details.ts';
import { DESCRIPTIONS } from '../../workflows/messages.ts';
import { ROOT } from '../support/source-imports.ts';

const page = readFileSync(join(ROOT, 'docs/web-ui.md'), 'utf8');

describe('the pictures', () => {
  // docs/encryption.md shows two more.
  const pages = page + readFileSync(join(ROOT, 'docs/encryption.md'), 'utf8');
  const shown = [...pages.matchAll(/!\[[^\]]+\]\(img\/([^)]+)\)/g)].map(([, file]) => file ?? '');

  it('that the pages show are there, and none lies unused', () => {
    expect(shown.toSorted()).toEqual(readdirSync(join(ROOT, 'docs/img')).toSorted());
  });

  it('are under 200 KB each and come with the package, as the pages do that show them', () => {
    const heavy = shown.filter((file) => statSync(join(ROOT, 'docs/img', file)).size > 200_000);
    expect(heavy).toEqual([]);
    // The pages ship, since error texts name them.
    expect(packageJson.files.filter((entry) => entry.startsWith('docs'))).toEqual(['docs']);
  });
});

describe('the links with a filter', () => {
  const filters = [...page.matchAll(/^- [^`]+: `([^`]+)`\n\s+<br>`\/namespaces\/default\/workflows\?query=([^`]+)`/gm)];

  it('carry exactly the filter that is written beside them', () => {
    expect(filters).toHaveLength(7);
    for (const [, query, encoded] of filters) expect(decodeURIComponent(encoded ?? '')).toBe(query);
  });

  test('the views that the set-up keeps are those of the links, and its columns exist', () => {
    const [, code = ''] = /```js\n([\s\S]*?)\n```/.exec(page) ?? [];
    const kept = new Map<string, string>();
    const localStorage = { setItem: (key: string, value: string) => void kept.set(key, value) };
    // oxlint-disable-next-line typescript/no-implied-eval -- it is what a person pastes
    new Function('localStorage', code)(localStorage);
    const { default: views } = JSON.parse(kept.get('saved-workflow-queries') ?? '') as Record<
      string,
      { query: string }[]
    >;
    const linked = new Set(filters.map(([, query]) => query));
    expect(views?.map(({ query }) => query).filter((query) => !linked.has(query))).toEqual([]);
    const { default: columns } = JSON.parse(kept.get('namespace-workflow-table-columns') ?? '') as Record<
      string,
      { label: string }[]
    >;
    const ours = (columns ?? []).map(({ label }) => label).filter((label) => label.startsWith('Webhook'));
    expect(ours.filter((label) => !(label in SEARCH_ATTRIBUTES))).toEqual([]);
    expect(ours.length).toBe(4);
  });

  test('every search attribute that the page names exists', () => {
    const named = new Set(page.match(/\bWebhook(?:State|Event|CampaignId|AccountId|Endpoints)\b/g));
    expect([...named].toSorted()).toEqual(Object.keys(SEARCH_ATTRIBUTES).toSorted());
    expect(
      filters
        .join('\n')
        .match(/\bWebhook\w+/g)
        ?.filter((name) => !(name in SEARCH_ATTRIBUTES)),
    ).toEqual([]);
  });
});

describe('the words on the page', () => {
  const attempts = [
    {
      number: 1,
      trigger: 'schedule',
      startedAt: '2026-01-31T23:14:56.290Z',
      durationMs: 2,
      outcome: 'http',
      status: 503,
    },
    {
      number: 2,
      trigger: 'schedule',
      startedAt: '2026-01-31T23:15:56.293Z',
      durationMs: 12,
      outcome: 'http',
      status: 503,
    },
  ] as const;
  const aStatus = (state: WebhookStatus['state'], delivery: Partial<DeliveryStatus>): WebhookStatus => ({
    workflowId: 'call-webhook/call_7f21c9',
    event: 'call.completed',
    state,
    deliveries: [
      {
        endpointId: 'ep_4dPPXcpsgucL',
        host: 'crm.localhost',
        webhookId: 'msg_1',
        state: 'retrying',
        attempts,
        ...delivery,
      },
    ],
  });

  it('are those of a run in back-off', () => {
    const status = aStatus('retrying', { nextAttemptAt: '2026-01-31T23:20:56.330Z' });
    expect(quotes()).toContain(liveDetails(status, 5));
  });

  it('are those of a failed run', () => {
    const spent: DeliveryStatus['attempts'] = [
      { ...attempts[0], startedAt: '2026-01-31T23:28:05.000Z', durationMs: 7, status: 500 },
      {
        number: 2,
        trigger: 'schedule',
        startedAt: '2026-01-31T23:29:05.000Z',
        durationMs: 2,
        outcome: 'network',
        code: 'connect_refused',
      },
    ];
    const endpoint = { endpointId: 'ep_rzkYar5PU4sU', host: 'billing.localhost' };
    expect(quotes()).toContain(liveDetails(aStatus('failed', { ...endpoint, state: 'failed', attempts: spent }), 2));
  });

  it('are those of a pending activity’s last failure', () => {
    const input: DeliverInput = {
      subject: { event: 'call.completed', cycle: 1, runStartedAt: '2026-01-31T23:14:40.000Z' },
      endpoint: { endpointId: 'ep_1', webhookId: 'msg_1', url: 'https://crm.localhost/hook', host: 'crm.localhost' },
      body: '{}',
      retryDelaysMs: [60_000, 300_000, 900_000, 3_600_000],
      attemptsMade: 0,
      trigger: 'schedule',
    };
    const attempt = { ...attempts[1], nextAttemptAt: '2026-01-31T23:20:56.330Z' };
    const report = { endpointId: 'ep_1', attempt, nextDelayMs: 300_000, bodyBytes: 2, bodySha256: '' };
    expect(quotes()).toContain(attemptFailure(input, report, 'retry').message);
  });

  it('are those of a run that waits for us', () => {
    const waits = { reason: 'secret_store_down', waitingSince: '2026-01-31T23:14:56.290Z', attempts: [] };
    const status = aStatus('waiting_for_us', { state: 'waiting_for_us', ...waits });
    expect(quotes()).toContain(liveDetails(status, 5));
    expect(quotes()).toContain(notReady('secret_store_down', 'crm.localhost', 30_000).message);
  });

  it('are the descriptions of signals and queries in the Web UI’s dialogs', () => {
    for (const [name, words] of Object.entries(DESCRIPTIONS)) {
      expect(page).toMatch(
        new RegExp(`\`${name}\`: ${words.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`, 'm'),
      );
    }
  });

  function quotes(): string[] {
    return [...page.matchAll(/^```text\n([\s\S]*?)\n```$/gm)].map(([, text]) => text ?? '');
  }
});
