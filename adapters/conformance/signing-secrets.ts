/** The suite for stores of signing secrets. */
import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { SecretSet, SigningSecrets } from '../../activities/ports/signing-secrets.ts';
import { casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** The store under test, and a reference it knows. */
export type SigningSecretsUnderTest = { readonly secrets: SigningSecrets; readonly knownRef: string };

/** Test cases for `forEndpoint`. `open` is called once per case. */
export function signingSecretsConformance(
  open: () => Promise<SigningSecretsUnderTest> | SigningSecretsUnderTest,
): readonly ConformanceCase[] {
  return casesFor(open, {
    'a known reference gives a filled current secret, and previous ones as a list': async (subject) => {
      const { current, previous = [] } = await known(subject);
      for (const secret of [current, ...previous]) {
        assert.ok(typeof secret === 'string' && secret !== '', 'a secret is a filled string');
      }
      assert.ok(!previous.includes(current), 'the current secret is not one of the previous');
    },
    'a reference gives the same secret each time': async (subject) => {
      // Not deepEqual: its message would print the secrets.
      assert.ok(isDeepStrictEqual(await known(subject), await known(subject)), 'two answers differ');
    },
    // Not an error and not an empty secret. Only undefined ends the delivery as refused; others are retried for 81
    // minutes.
    'an unknown reference gives undefined, whatever its name': async ({ secrets }) => {
      for (const ref of ['nobody-knows-this-one', '', 'constructor', '__proto__', 'toString', '../../etc/passwd']) {
        assert.equal(await secrets.forEndpoint(ref), undefined, `reference ${JSON.stringify(ref)}`);
      }
    },
    'logging the store prints no secret': async (subject) => {
      const { current } = await known(subject);
      const printed = `${inspect(subject.secrets, { depth: 10 })}${JSON.stringify(subject.secrets)}`;
      // The text must not be in the message: it may hold the secret.
      assert.ok(!printed.includes(current), 'keep secrets in #private fields');
    },
  });
}

async function known({ secrets, knownRef }: SigningSecretsUnderTest): Promise<SecretSet> {
  const set = await secrets.forEndpoint(knownRef);
  assert.ok(set !== undefined, `the store knows ${knownRef}`);
  return typeof set === 'string' ? { current: set } : set;
}
