/** Search attributes where the server lists them to nobody of our rights, as Temporal Cloud does. With a real server:
 *  test/integration/search-attributes.test.ts. */
import { expect, test } from '@jest/globals';
import { planSearchAttributes } from '../../../../cli/commands/setup/search-attributes.ts';
import { SEARCH_ATTRIBUTES } from '../../../../contract/server-names.ts';

const NAMES = Object.keys(SEARCH_ATTRIBUTES);

/** A server that refuses the list with this gRPC status. `knows`: attributes that it takes in a query. */
function aServer(status: number, knows: readonly string[]) {
  const refused = (code: number, details: string) => Object.assign(new Error('no'), { code, details });
  const services = {
    withDeadline: <T>(_deadlineMs: number, work: () => Promise<T>): Promise<T> => work(),
    operatorService: { listSearchAttributes: () => Promise.reject(refused(status, 'Request unauthorized.')) },
    workflowService: {
      listWorkflowExecutions: async ({ query }: { readonly query: string }) => {
        const unknown = NAMES.find((name) => query.includes(name) && !knows.includes(name));
        if (unknown !== undefined) throw refused(3, `no mapping for ${unknown}`);
        return {};
      },
    },
  };
  return planSearchAttributes(services as unknown as Parameters<typeof planSearchAttributes>[0], 'calls.a1b2c');
}

test.each([7, 12])(
  'a list that is refused with status %i: a query that names all of them proves that they are there',
  async (status) => {
    expect(await aServer(status, NAMES)).toEqual({
      namespace: 'calls.a1b2c',
      present: NAMES,
      missing: {},
      clashes: [],
    });
  },
);

test('… and if one is missing, the error says what adds them', async () => {
  await expect(aServer(7, NAMES.slice(1))).rejects.toThrow(
    /could not be listed: Request unauthorized; in Temporal Cloud, tcld adds them \(docs\/cloud\.md\)/,
  );
});

test('a fault of the server is no such case', async () => {
  await expect(aServer(13, NAMES)).rejects.toThrow(/could not be listed: Request unauthorized\. Free a slot/);
});
