import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyUnreachable } from '../../../temporal-server/open-server.ts';
import { readTemporalProfile, whyUnreadable } from '../../../temporal-server/profile.ts';
import { bareMachine } from '../../support/bare-machine.ts';

const machine = bareMachine();

function withFile(text: string) {
  const path = join(machine.home, 'temporal.toml');
  writeFileSync(path, text);
  return { ...machine.env, TEMPORAL_CONFIG_FILE: path };
}

describe('a Temporal profile', () => {
  it('without a word has no address and the namespace default', () => {
    expect(readTemporalProfile(machine.env)).toMatchObject({ address: undefined, namespace: 'default' });
  });

  it('is read from its file, and a variable wins over it', () => {
    const env = withFile('[profile.default]\naddress = "far:7233"\nnamespace = "calls"\n');
    expect(readTemporalProfile(env)).toMatchObject({ address: 'far:7233', namespace: 'calls' });
    expect(readTemporalProfile({ ...env, TEMPORAL_NAMESPACE: 'other' })).toMatchObject({ namespace: 'other' });
    expect(readTemporalProfile({ ...env, TEMPORAL_NAMESPACE: '' })).toMatchObject({ namespace: 'calls' });
  });

  it('that cannot be read is told without the lines of its file, which hold API keys', () => {
    const env = withFile('[profile.default]\napi_key = "canary\n');
    let caught: unknown;
    try {
      readTemporalProfile(env);
    } catch (error) {
      caught = error;
    }
    expect((caught as Error).message).toContain('canary');
    expect(whyUnreadable(caught)).not.toBe('');
    expect(whyUnreadable(caught)).not.toContain('canary');
  });
});

it('a server that does not answer is told as a reason, not as a rejection', async () => {
  expect(await whyUnreachable({ address: machine.nobody }, 'default', 500)).toEqual(expect.any(String));
});
