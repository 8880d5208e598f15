/** The visibility query of a filter, as Temporal's list language wants it. */
import { afterEach, expect, jest, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { findLatestRuns, queryOf } from '../../../client/find-webhooks.ts';
import { findFilterSchema } from '../../../contract/schemas/find-filter.ts';
import { parseInput } from '../../../contract/schemas/invalid-input.ts';
import { stopClock } from '../../support/stopped-clock.ts';

afterEach(() => void jest.useRealTimers());

const query = (filter: object) => queryOf(parseInput(findFilterSchema, filter, 'find'));

test('nothing given finds every run of ours and nobody else’s', () => {
  expect(query({})).toBe("WorkflowType IN ('callWebhook', 'campaignWebhook')");
});

test('of an ended state since and until mean the end, of a running one the start', () => {
  const times = { since: '2026-06-01', until: '2026-06-02T00:00:00+02:00' };
  expect(query({ state: 'failed', ...times })).toBe(
    "WorkflowType IN ('callWebhook', 'campaignWebhook') AND ExecutionStatus = 'Failed' AND CloseTime >= '2026-06-01T00:00:00.000Z' AND CloseTime < '2026-06-01T22:00:00.000Z'",
  );
  expect(query({ state: 'retrying', since: '2026-06-01' })).toBe(
    "WorkflowType IN ('callWebhook', 'campaignWebhook') AND ExecutionStatus = 'Running' AND WebhookState IN ('retrying', 'waiting_for_us') AND StartTime >= '2026-06-01T00:00:00.000Z'",
  );
});

test('several states are alternatives, each with its own meaning of since; a start is a start in any state', () => {
  expect(query({ state: ['retrying', 'gone'], since: '2026-06-01', startedUntil: '2026-05-01' })).toBe(
    "WorkflowType IN ('callWebhook', 'campaignWebhook') AND ((ExecutionStatus = 'Running' AND WebhookState IN ('retrying', 'waiting_for_us') AND StartTime >= '2026-06-01T00:00:00.000Z') OR (ExecutionStatus = 'Failed' AND WebhookState = 'gone' AND CloseTime >= '2026-06-01T00:00:00.000Z')) AND StartTime < '2026-05-01T00:00:00.000Z'",
  );
});

test('what waits for us is found by its own state, and as retrying', async () => {
  expect(query({ state: 'waiting_for_us' })).toBe(
    "WorkflowType IN ('callWebhook', 'campaignWebhook') AND ExecutionStatus = 'Running' AND WebhookState = 'waiting_for_us'",
  );
  async function* list() {
    for (const state of ['waiting_for_us', 'retrying', 'started']) {
      const run = { workflowId: `call-webhook/${state}`, runId: 'r', startTime: new Date() };
      yield { ...run, status: { name: 'RUNNING' }, typedSearchAttributes: { get: () => state } };
    }
  }
  const withDeadline = <T>(_deadline: number, work: () => Promise<T>): Promise<T> => work();
  const client = { workflow: { list }, withDeadline } as unknown as Client;
  const found: string[] = [];
  for await (const { state } of findLatestRuns(client, { state: 'retrying' })) found.push(state);
  expect(found).toEqual(['waiting_for_us', 'retrying', 'running']);
});

test('failed means that the attempts are spent: what is gone or refused has a state of its own', async () => {
  const states = ['failed', 'gone', 'refused', 'started', undefined];
  async function* list() {
    for (const [index, state] of states.entries()) {
      const typedSearchAttributes = {
        get: ({ name }: { name: string }) => (name === 'WebhookState' ? state : undefined),
      };
      const run = {
        workflowId: `call-webhook/c${index}`,
        runId: 'r',
        startTime: new Date(),
        status: { name: 'FAILED' },
      };
      yield { ...run, typedSearchAttributes };
    }
  }
  const getHandle = () => ({ describe: async () => ({ runId: 'r' }) });
  const withDeadline = <T>(_deadline: number, work: () => Promise<T>): Promise<T> => work();
  const client = { workflow: { list, getHandle }, withDeadline } as unknown as Client;
  const found: string[] = [];
  for await (const { state } of findLatestRuns(client, { state: 'failed' })) found.push(state);
  // The last two are of runs without the final state in a search attribute.
  expect(found).toEqual(['failed', 'failed', 'failed']);
  const all: string[] = [];
  for await (const { state } of findLatestRuns(client, {})) all.push(state);
  expect(all).toEqual(['failed', 'gone', 'refused', 'failed', 'failed']);
});

test('endpoint, campaign, account and event go by their search attributes', () => {
  expect(
    query({ endpointId: 'ep_abcDEF-_1234', campaignId: 'camp-1', accountId: 'acct_1', event: 'call.failed' }),
  ).toBe(
    "WorkflowType IN ('callWebhook', 'campaignWebhook') AND WebhookEndpoints = 'ep_abcDEF-_1234' AND WebhookCampaignId = 'camp-1' AND WebhookAccountId = 'acct_1' AND WebhookEvent = 'call.failed'",
  );
});

test.each([
  ['an id that is too long', { campaignId: 'x'.repeat(201) }, 'campaignId'],
  ['no endpoint id', { endpointId: 'https://example.com' }, 'endpointId'],
  ['no time', { since: 'yesterday' }, 'since'],
  ['a number, which Date.parse takes for a year', { since: '12' }, 'since'],
  ['a day that no month has', { until: '2026-02-30' }, 'until'],
  ['a Date of the year 20000', { since: new Date(Date.UTC(20_000, 0)) }, 'since'],
  ['no state', { state: 'lost' }, 'state'],
  ['no state in a list', { state: ['failed', 'lost'] }, 'state'],
  ['an empty list of states', { state: [] }, 'state'],
  ['no time of a start', { startedUntil: 'soon' }, 'startedUntil'],
  ['a typing error', { campaign: 'camp-1' }, 'campaign'],
])('%s is refused by name, before it could become part of a query', (_what, filter, field) => {
  expect(() => query(filter)).toThrow(field);
});

test('an id may be any text: it is encoded as in the search attribute, so no quote of it is part of the query', () => {
  expect(query({ campaignId: "x' OR WorkflowId != '" })).toContain(
    "WebhookCampaignId = 'x%27%20OR%20WorkflowId%20%21%3D%20%27'",
  );
  expect(query({ accountId: 'a\\' })).toContain("WebhookAccountId = 'a%5C'");
});

test('a search that passes over thousands of runs has a deadline for each question, not one for all', async () => {
  stopClock('2026-06-01T12:00:00.000Z');
  const count = 3_000;
  const deadlines: number[] = [];
  const typedSearchAttributes = { get: () => undefined };
  async function* list() {
    for (let index = 0; index <= count; index += 1) {
      const run = {
        workflowId: `call-webhook/c${index}`,
        runId: `run${index}`,
        startTime: new Date(),
        status: { name: 'FAILED' },
      };
      yield { ...run, typedSearchAttributes };
    }
  }
  // Only the last one is the latest of its id.
  const getHandle = (id: string) => ({
    describe: async () => ({ runId: id.endsWith(`c${count}`) ? `run${count}` : 'newer' }),
  });
  const withDeadline = <T>(deadline: number, work: () => Promise<T>): Promise<T> => {
    deadlines.push(deadline);
    return work();
  };
  const client = { workflow: { list, getHandle }, withDeadline } as unknown as Client;
  const found: string[] = [];
  for await (const { workflowId } of findLatestRuns(client, { state: 'failed' })) found.push(workflowId);
  expect(found).toEqual([`call-webhook/c${count}`]);
  // One per run of the list and its end, and one per description.
  expect(deadlines).toHaveLength(2 * count + 3);
  expect(new Set(deadlines)).toEqual(new Set([Date.parse('2026-06-01T12:00:30.000Z')]));
});
