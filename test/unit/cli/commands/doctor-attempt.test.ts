/** What the doctor tells of a part that could not be looked at. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { attempt } from '../../../../cli/commands/doctor/attempt.ts';
import { EnvError } from '../../../../cli/environment/env-error.ts';
import { SecretsFile } from '../../../../cli/environment/secrets-file.ts';
import { SECRET } from '../../../support/builders.ts';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['cut in the middle', `{ "acct_birch": "${SECRET}"`, '(not JSON)'],
  ['with a misspelt field', `{ "acct_birch": { "current": "${SECRET}", "earlier": [] } }`, 'unknown key "earlier"'],
])('a secrets file %s: what is wrong with it, on one line, and no secret', async (_what, text, detail) => {
  const path = join(folder, 'secrets.json');
  writeFileSync(path, text);
  const seen = await attempt(() => new SecretsFile(path).references);
  if (seen.is !== 'broken') throw new Error('it can be used');
  expect(seen.problem).toMatchObject({ code: 'bad_environment', exitCode: 2 });
  expect(seen.problem.words).toMatch(/^TOPCALLS_SECRETS_FILE: received "[^\n]+; allowed: [^\n]+; fix the file$/);
  expect(seen.problem.words).toContain(detail);
  expect(seen.problem.words).not.toContain(SECRET);
});

test('every variable that cannot be used is told', async () => {
  const one = { variable: 'A', received: '"x"', allowed: 'a number', fix: 'correct it' };
  const seen = await attempt(() => {
    throw new EnvError([one, { ...one, variable: 'B' }]);
  });
  expect(seen).toMatchObject({
    problem: {
      words: 'A: received "x"; allowed: a number; correct it; B: received "x"; allowed: a number; correct it',
    },
  });
});
