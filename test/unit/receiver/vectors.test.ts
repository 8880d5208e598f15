/** The vectors that check receivers in every language: our signer makes them, verifyWebhook agrees with them. */
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyWebhook } from '../../../receiver/index.ts';
import { signatureHeaders } from '../../../signature/sign.ts';
import { vectorFiles, VECTORS } from '../../../scripts/vectors/files.ts';
import type { Vector } from '../../../scripts/vectors/vector.ts';
import { ROOT } from '../../support/source-imports.ts';
import golden from '../../vectors/seed-call-completed.json';
import checkedIn from '../../vectors/signatures.json';

const vectors = checkedIn as readonly Vector[];
const byName = vectors.map((vector) => [vector.name, vector] as const);

describe('the checked-in vectors', () => {
  it.each([...vectorFiles()])('%s is what `npm run make-vectors` makes, byte for byte', (name, text) => {
    expect(readFileSync(join(ROOT, VECTORS, name), 'utf8')).toBe(text);
  });

  it('begin with the golden vector', () => {
    expect(vectors[0]).toMatchObject({
      secrets: [golden.secret],
      body: golden.body,
      headers: {
        'X-TopCalls-Signature': golden['x-topcalls-signature'],
        'webhook-id': golden['webhook-id'],
        'webhook-timestamp': golden['webhook-timestamp'],
        'webhook-signature': golden['webhook-signature'],
      },
    });
  });

  it('have names of their own, and bodies whose text and bytes agree', () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
    for (const { body, bodyBase64 } of vectors) expect(Buffer.from(bodyBase64, 'base64').toString('utf8')).toBe(body);
  });

  it('are accepted under both schemes, and rejected for every reason a signature can give', () => {
    const outcomes = vectors.map(({ expected: it }) => (it.verdict === 'accept' ? it.scheme : it.code));
    expect([...new Set(outcomes)].sort()).toEqual([
      'bad_secret',
      'body-only',
      'missing_header',
      'missing_secret',
      'signature_malformed',
      'signature_mismatch',
      'standard',
      'timestamp_invalid',
      'timestamp_too_new',
      'timestamp_too_old',
    ]);
  });

  it('hold two signatures where a secret is being rotated', () => {
    const rotating = vectors.filter(({ name }) => name.startsWith('a rotation'));
    expect(rotating.map(({ headers }) => headers['webhook-signature']?.split(' ').length)).toEqual([2, 2, 2]);
  });
});

describe('the signer', () => {
  const signed = byName.filter(([, { signer }]) => signer !== undefined);

  it.each(signed)('reproduces: %s', (_name, { signer, body, headers }) => {
    expect(signatureHeaders({ ...signer!, body }).headers).toMatchObject(headers);
  });

  it('reproduces all accepted ones but the one with signatures of other versions', () => {
    const accepted = vectors.filter(({ expected: it }) => it.verdict === 'accept');
    const others = accepted.filter(({ signer }) => signer === undefined).map(({ name }) => name);
    expect(others).toEqual(['signatures of other versions stand before ours']);
  });
});

describe('verifyWebhook', () => {
  it.each(byName)('judges as expected: %s', (_name, vector) => {
    const { bodyBase64, headers, secrets, toleranceSeconds, allowBodyOnlySignature, expected } = vector;
    const now = () => vector.now * 1_000;
    const options = { toleranceSeconds, allowBodyOnlySignature, now };
    const verified = verifyWebhook(Buffer.from(bodyBase64, 'base64'), headers, secrets, options);
    expect(verified).toMatchObject(
      expected.verdict === 'accept' ? { ok: true, scheme: expected.scheme } : { ok: false, code: expected.code },
    );
  });
});

describe('docs/signature.md', () => {
  const page = readFileSync(join(ROOT, 'docs/signature.md'), 'utf8');

  it('shows the golden vector', () => {
    const { body: _body, description: _d, legacyKey: _l, standardKey: _s, ...facts } = golden;
    for (const fact of Object.values(facts)) expect(page).toContain(String(fact));
  });

  it('explains every code that a vector is rejected with', () => {
    const codes = vectors.flatMap(({ expected: it }) => (it.verdict === 'reject' ? [it.code] : []));
    for (const code of codes) expect(page).toContain(`\`${code}\``);
  });

  it('links files that are there', () => {
    const links = [...page.matchAll(/\]\((?<target>[^)#]+)[^)]*\)/g)].map((match) => match.groups?.['target'] ?? '');
    const files = links.filter((link) => !link.startsWith('https:'));
    expect(files.length).toBeGreaterThan(8);
    for (const file of files) expect([file, existsSync(join(ROOT, 'docs', file))]).toEqual([file, true]);
  });
});
