/** `setup` asks the server with a deadline: one that takes a question and stays silent does not hold it for ever. */
import { expect, test } from '@jest/globals';
import {
  applySearchAttributes,
  planSearchAttributes,
  type SearchAttributeServices,
} from '../../../../cli/commands/setup/search-attributes.ts';
import { endOf, EXIT } from '../../../../cli/process/exit.ts';
import { SEARCH_ATTRIBUTES } from '../../../../contract/server-names.ts';
import { notingDeadlines } from '../../../support/noting-deadlines.ts';

const answering = (answers: Readonly<Record<string, unknown>>) => {
  const { client, requests } = notingDeadlines(answers);
  return { services: client as unknown as SearchAttributeServices, requests };
};
const status = (code: number, details: string) => Object.assign(new Error(details), { code, details, metadata: {} });
const SILENT = status(4, 'Deadline exceeded');

/** As the API numbers them. */
const TYPES: Readonly<Record<string, number>> = { KEYWORD: 2, KEYWORD_LIST: 7 };
const customAttributes = Object.fromEntries(
  Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, TYPES[type]]),
);

test('every question has a deadline: those that compare, add, and look whether it works', async () => {
  const { services, requests } = answering({
    listSearchAttributes: { customAttributes },
    addSearchAttributes: {},
    listWorkflowExecutions: {},
  });
  const plan = await planSearchAttributes(services, 'default');
  expect(plan).toMatchObject({ missing: {}, clashes: [] });
  const lacking = { ...plan, missing: { WebhookState: 'KEYWORD' } };
  expect(await applySearchAttributes(services, lacking)).toEqual(['WebhookState']);
  expect(requests.map(({ name }) => name)).toEqual([
    'listSearchAttributes',
    'addSearchAttributes',
    'listSearchAttributes',
    'listWorkflowExecutions',
  ]);
  expect(requests.filter(({ deadline }) => deadline === undefined)).toEqual([]);
});

test('the question for a namespace that was made just now has one, too', async () => {
  const { services, requests } = answering({
    listSearchAttributes: status(5, 'Namespace is not found'),
    describeNamespace: status(5, 'Namespace is not found'),
  });
  await expect(planSearchAttributes(services, 'nope')).rejects.toThrow('nope could not be listed');
  expect(requests.map(({ name, deadline }) => [name, deadline !== undefined])).toEqual([
    ['listSearchAttributes', true],
    ['describeNamespace', true],
  ]);
});

test.each([
  ['listed', planSearchAttributes, 'Nothing was changed'],
  [
    'added',
    (services: SearchAttributeServices) =>
      applySearchAttributes(services, {
        namespace: 'default',
        present: [],
        missing: { WebhookState: 'KEYWORD' },
        clashes: [],
      }),
    'It may still have taken effect',
  ],
])(
  'silence while they are %s is told as silence: exit code 3, and what may have happened',
  async (_step, ask, words) => {
    const { services } = answering({ listSearchAttributes: SILENT, addSearchAttributes: SILENT });
    const error: unknown = await ask(services, 'default').catch((caught: unknown) => caught);
    expect(endOf(error)).toEqual({ exitCode: EXIT.noServer, words: expect.stringContaining(words) });
    expect(String(error)).toContain(
      'Temporal did not answer within 30000 ms (the search attributes of namespace default)',
    );
  },
);
