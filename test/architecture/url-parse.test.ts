/**
 * `URL.canParse` of Node 20 is wrong in a busy process: once it is optimised, it says no to each text with a letter
 * between U+0080 and U+00FF. Sources ask contract/parse-url.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { endpointIdOf } from '../../client/delivery-ids.ts';
import { canonicalUrl, hostOf } from '../../contract/endpoints.ts';
import { parseUrl } from '../../contract/parse-url.ts';
import { FOLDERS, ROOT, sourceFiles } from '../support/source-imports.ts';

test('no source asks URL.canParse', () => {
  const files = FOLDERS.flatMap((folder) => sourceFiles(folder));
  expect(files.length).toBeGreaterThan(100);
  const asking = files.filter((path) => readFileSync(join(ROOT, path), 'utf8').includes('URL.canParse('));
  expect(asking).toEqual([]);
});

test('an endpoint has the same id, host and URL after any number of others', () => {
  const url = 'https://bücher.example/café';
  const facts = () => [endpointIdOf(url), hostOf(url), canonicalUrl(url), parseUrl(url)?.href];
  const first = facts();
  expect(first[1]).toBe('xn--bcher-kva.example');
  for (let count = 0; count < 50_000; count += 1) canonicalUrl(`https://r${count % 7}.example.com/`);
  for (let count = 0; count < 50_000; count += 1) hostOf(`https://r${count % 7}.example.com/`);
  expect(facts()).toEqual(first);
});
