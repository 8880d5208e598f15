import { describe, expect, it } from '@jest/globals';
import { refuseUnknownVariables, unknownVariables } from '../../../../cli/environment/known-variables.ts';
import { VARIABLE_WORDS } from '../../../../cli/environment/worker-variables.ts';
import type { Env } from '../../../../temporal-server/env.ts';

const names = (env: Env): string[] => unknownVariables(env).map(({ variable }) => variable);

describe('variables', () => {
  it('that a command reads are known, and other people’s are not our business', () => {
    const all = [
      ...Object.keys(VARIABLE_WORDS),
      'TOPCALLS_CODEC_TOKEN',
      'TOPCALLS_TEMPORAL_CLI',
      'PATH',
      'MY_TOPCALLS_X',
    ];
    expect(names(Object.fromEntries(all.map((name) => [name, 'x'])))).toEqual([]);
  });

  it.each([
    ['TOPCALLS_DATABSE_URL', 'TOPCALLS_DATABASE_URL'],
    ['TOPCALLS_DB_URL', 'TOPCALLS_DATABASE_URL'],
    ['TOPCALLS_SECRET_FILE', 'TOPCALLS_SECRETS_FILE'],
    ['TOPCALLS_EGRESS_DENY_CIDR', 'TOPCALLS_EGRESS_DENY_CIDRS'],
    ['TOPCALLS_ENCRYPTION_KEY', 'TOPCALLS_ENCRYPTION_KEYS'],
    ['TOPCALLS_TASKQUEUE', 'TOPCALLS_TASK_QUEUE'],
    ['TOPCALL_TASK_QUEUE', 'TOPCALLS_TASK_QUEUE'],
    ['topcalls_log_level', 'TOPCALLS_LOG_LEVEL'],
    ['TOPCALLS_CODEC_TOKENS', 'TOPCALLS_CODEC_TOKEN'],
  ])('%s is refused, and %s is named', (variable, known) => {
    expect(unknownVariables({ [variable]: 'very-secret' })).toEqual([
      {
        variable,
        received: 'a variable of this name, which no command reads',
        allowed: `${known}, the nearest known name`,
        fix: 'correct the name or unset it',
      },
    ]);
    expect(() => refuseUnknownVariables({ [variable]: 'very-secret' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('very-secret') }),
    );
  });

  it('that are empty count as unset, as everywhere', () => {
    expect(names({ TOPCALLS_DATABSE_URL: '' })).toEqual([]);
  });

  it('that Kubernetes sets for a Service are left alone, and only those of a Service', () => {
    const service = { TOPCALLS_API_SERVICE_HOST: '10.0.0.1', TOPCALLS_API_SERVICE_PORT: '80' };
    const port = { TOPCALLS_API_PORT: 'tcp://10.0.0.1:80', TOPCALLS_API_PORT_80_TCP_ADDR: '10.0.0.1' };
    expect(names({ ...service, TOPCALLS_API_SERVICE_PORT_HTTP: '80', ...port })).toEqual([]);
    expect(names(port)).toEqual(['TOPCALLS_API_PORT', 'TOPCALLS_API_PORT_80_TCP_ADDR']);
    expect(names({ ...service, TOPCALLS_API_KEY: 'x', TOPCALLS_HEALTH_PORTS: '1' })).toEqual([
      'TOPCALLS_API_KEY',
      'TOPCALLS_HEALTH_PORTS',
    ]);
  });
});
