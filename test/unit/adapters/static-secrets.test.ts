import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { StaticSecrets, StaticSecretsError } from '../../../adapters/static-secrets.ts';

describe('static secrets', () => {
  test('a plain string is the current secret', () => {
    expect(new StaticSecrets({ acct_1: 'whsec_a' }).forEndpoint('acct_1')).toEqual({
      current: 'whsec_a',
      previous: [],
    });
  });

  test('during a rotation the previous secrets come along, newest first', () => {
    const secrets = new StaticSecrets({
      a: { current: 'c', previous: ['b', 'a'] },
      b: { current: 'c', previous: 'b' },
    });
    expect(secrets.forEndpoint('a')).toEqual({ current: 'c', previous: ['b', 'a'] });
    expect(secrets.forEndpoint('b')).toEqual({ current: 'c', previous: ['b'] });
  });

  test.each(['acct_2', '', 'constructor', '__proto__', 'toString'])(
    'a reference that is not there, like %j, is unknown',
    (ref) => {
      expect(new StaticSecrets({ acct_1: 'whsec_a' }).forEndpoint(ref)).toBeUndefined();
    },
  );

  test('later changes to the record change nothing', () => {
    const record: Record<string, string> = { acct_1: 'whsec_a' };
    const secrets = new StaticSecrets(record);
    record['acct_1'] = 'whsec_b';
    expect(secrets.forEndpoint('acct_1')?.current).toBe('whsec_a');
  });

  test('every bad reference is named at construction, and no secret', () => {
    const record = {
      fine: 'very-secret',
      empty: '',
      number: 7,
      none: null,
      noCurrent: { previous: ['very-secret'] },
      misspelt: { current: 'very-secret', previuos: ['x'] },
      badPrevious: { current: 'very-secret', previous: ['very-secret', ''] },
      '': 'very-secret',
    };
    let error: unknown;
    try {
      void new StaticSecrets(record as never);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(StaticSecretsError);
    expect((error as StaticSecretsError).problems).toEqual([
      '"empty": the secret is empty',
      '"number": must be a string or { current, previous }',
      '"none": must be a string or { current, previous }',
      '"noCurrent": `current` must be a filled string',
      '"misspelt": unknown key "previuos"',
      '"badPrevious": `previous` must be filled strings',
      'an empty reference',
    ]);
    expect((error as Error).message).not.toContain('very-secret');
  });

  test('a secret in place of its reference or of a key is refused, and not shown', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const record = { fine: 'x', [secret]: 'acct_1', acct_2: { [secret]: 'current' }, [`${secret} `]: '' };
    const problem = 'looks like a secret, so it is not shown here: are name and secret swapped?';
    expect(() => new StaticSecrets(record as never)).toThrow(
      `signing secrets refused: reference 2 ${problem}; "acct_2": a key ${problem}; reference 4 ${problem}`,
    );
  });

  test.each([null, undefined, [], 'whsec_a'])('%j is no record', (record) => {
    expect(() => new StaticSecrets(record as never)).toThrow(/not an object of reference → secret/);
  });

  test('printing the object shows no secret', () => {
    const secrets = new StaticSecrets({ acct_1: 'very-secret' });
    expect(inspect(secrets, { depth: 9, showHidden: true }) + JSON.stringify(secrets)).not.toContain('very-secret');
  });
});
