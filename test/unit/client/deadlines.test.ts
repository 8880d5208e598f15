/** Which failures end a listing, and which are about one run alone. */
import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { isAboutOneRun } from '../../../client/deadlines.ts';

test.each<[number, string, boolean]>([
  [2, 'cannot decode the run', true],
  [8, 'Received message larger than max (5242880 vs 4194304)', true],
  [8, 'grpc: received message larger than max (5242880 vs. 4194304)', true],
  [8, 'namespace rate limit exceeded', false],
  [7, 'Request unauthorized.', false],
  [14, 'connection refused', false],
])('gRPC status %p (%s) is about one run: %p', async (code, details, expected) => {
  const error = Object.assign(new Error(details), { code, details, metadata: {} });
  const wrapped = new Error('Failed to describe workflow', { cause: error });
  expect(await isAboutOneRun({} as Client, wrapped)).toBe(expected);
});
