import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SecretsFile, type SecretsNews } from '../../../../cli/environment/secrets-file.ts';

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'topcalls-secrets-')), 'secrets.json');
  writeFileSync(path, text);
  return path;
}

/** Keeps what it is told. */
class Heard implements SecretsNews {
  readonly news: unknown[] = [];
  readonly reloaded: SecretsNews['reloaded'] = (facts) => void this.news.push(facts);
  readonly kept: SecretsNews['kept'] = ({ received, fix }) => void this.news.push(`${received}: ${fix}`);
}

test('the secrets file gives the worker its secrets by reference', () => {
  const secrets = new SecretsFile(file('{ "acct_1": "s1", "acct_2": { "current": "new", "previous": ["old"] } }'));
  expect(secrets.forEndpoint('acct_1')).toEqual({ current: 's1', previous: [] });
  expect(secrets.forEndpoint('acct_2')).toEqual({ current: 'new', previous: ['old'] });
  expect(secrets.references).toBe(2);
});

const [NEW, OLD] = ['new', 'old'].map((name) => `whsec_${Buffer.from(name.repeat(8)).toString('base64')}`);

test('a secrets file tells fingerprints that sha256sum makes, too, and none of what may be guessed', () => {
  const text = JSON.stringify({ acct_2: { current: NEW, previous: [OLD, 'guessed'] }, acct_1: 'hunter2' });
  const secrets = new SecretsFile(file(text));
  const sha256sum = (of: string) => createHash('sha256').update(of).digest('hex').slice(0, 8);
  expect(secrets.fingerprint).toBe(sha256sum(text));
  expect(secrets.summary()).toEqual([
    {
      reference: 'acct_2',
      current: sha256sum(`fingerprint:${NEW}`),
      previous: [sha256sum(`fingerprint:${OLD}`), undefined],
    },
    { reference: 'acct_1', current: undefined, previous: [] },
  ]);
  // Nobody can guess a file with one good secret in it; one with weak secrets alone can be.
  expect(new SecretsFile(file('{ "acct_1": "hunter2" }')).fingerprint).toBeUndefined();
});

test('a change is told with the fingerprint of the new file', async () => {
  const path = file(JSON.stringify({ acct_2: OLD }));
  const [secrets, heard] = [new SecretsFile(path), new Heard()];
  const before = secrets.fingerprint;
  writeFileSync(path, JSON.stringify({ acct_2: { current: NEW, previous: [OLD] } }));
  await secrets.lookAgain(heard);
  expect(heard.news).toEqual([{ references: 1, removed: 0, file: new SecretsFile(path).fingerprint }]);
  expect(secrets.fingerprint).not.toBe(before);
});

test('a secrets file that is not there is an error that names variable and path', () => {
  expect(() => new SecretsFile('/nowhere/secrets.json')).toThrow(
    /TOPCALLS_SECRETS_FILE: received "\/nowhere\/secrets.json" \(cannot be read: ENOENT\)/,
  );
});

test('a secrets file that is not JSON is an error that quotes none of it', () => {
  const path = file('{ "acct_1": very-secret }');
  expect(() => new SecretsFile(path)).toThrow(/not JSON/);
  expect(() => new SecretsFile(path)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('very') }),
  );
});

test('a secrets file with an empty secret is an error that names the reference', () => {
  expect(() => new SecretsFile(file('{ "acct_1": "" }'))).toThrow(/"acct_1": the secret is empty/);
});

test('whether a file can be used is known from the last look, and is true again once it is mended', async () => {
  const path = file('{ "acct_1": "s1" }');
  const secrets = new SecretsFile(path);
  const looks: boolean[] = [secrets.isUsable];
  for (const text of ['broken', 'broken', undefined, '{ "acct_1": "s1" }', '{ "acct_1": "s2" }']) {
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    await secrets.lookAgain(new Heard());
    looks.push(secrets.isUsable);
  }
  expect(looks).toEqual([true, false, false, false, true, true]);
});

describe('a secrets file that changes', () => {
  test('is used from the next look on, and says how many references came and went', async () => {
    const path = file('{ "acct_1": "s1", "acct_2": "s2" }');
    const secrets = new SecretsFile(path);
    const heard = new Heard();
    await secrets.lookAgain(heard);
    expect(heard.news).toEqual([]);
    writeFileSync(path, '{ "acct_1": { "current": "s3", "previous": ["s1"] }, "acct_3": "s4", "acct_4": "s5" }');
    await secrets.lookAgain(heard);
    await secrets.lookAgain(heard);
    expect(heard.news).toEqual([{ references: 3, removed: 1 }]);
    expect(secrets.forEndpoint('acct_1')).toEqual({ current: 's3', previous: ['s1'] });
    expect(secrets.forEndpoint('acct_2')).toBeUndefined();
  });

  test.each([
    ['not JSON', '{ "acct_1": very-secret', /\(not JSON\): fix the file/],
    ['with an empty secret', '{ "acct_1": "" }', /"acct_1": the secret is empty\): fix the file/],
    ['emptied', '', /\(not JSON\): fix the file/],
  ])('and is then %s keeps the secrets of before, says so once, and quotes no secret', async (_what, text, words) => {
    const path = file('{ "acct_1": "s1" }');
    const secrets = new SecretsFile(path);
    const heard = new Heard();
    writeFileSync(path, text);
    await secrets.lookAgain(heard);
    await secrets.lookAgain(heard);
    expect(heard.news).toEqual([expect.stringMatching(words)]);
    expect(JSON.stringify(heard.news)).not.toContain('very');
    expect(secrets.forEndpoint('acct_1')).toEqual({ current: 's1', previous: [] });
    writeFileSync(path, '{ "acct_1": "s2" }');
    await secrets.lookAgain(heard);
    expect(heard.news.at(-1)).toEqual({ references: 1, removed: 0 });
    expect(secrets.forEndpoint('acct_1')).toEqual({ current: 's2', previous: [] });
  });

  test('and is removed keeps the secrets of before, says so once, and is used when it comes back', async () => {
    const path = file('{ "acct_1": "s1" }');
    const secrets = new SecretsFile(path);
    const heard = new Heard();
    rmSync(path);
    await secrets.lookAgain(heard);
    await secrets.lookAgain(heard);
    expect(heard.news).toEqual([expect.stringMatching(/cannot be read: ENOENT\): correct the path/)]);
    expect(secrets.forEndpoint('acct_1')).toEqual({ current: 's1', previous: [] });
    writeFileSync(path, '{ "acct_1": "s1" }');
    await secrets.lookAgain(heard);
    expect(heard.news.at(-1)).toEqual({ references: 1, removed: 0 });
  });

  test('as a mounted volume changes it, by another target of a link, is noticed by itself', async () => {
    const first = file('{ "acct_1": "s1" }');
    const link = join(dirname(first), 'link.json');
    symlinkSync(first, link);
    const secrets = new SecretsFile(link);
    await new Promise<void>((resolve, reject) => {
      const stop = secrets.watch(
        {
          reloaded: () => {
            stop();
            resolve();
          },
          kept: ({ received }) => reject(new Error(received)),
        },
        5,
      );
      symlinkSync(file('{ "acct_1": "s2" }'), `${link}.new`);
      renameSync(`${link}.new`, link);
    });
    expect(secrets.forEndpoint('acct_1')).toEqual({ current: 's2', previous: [] });
  });
});
