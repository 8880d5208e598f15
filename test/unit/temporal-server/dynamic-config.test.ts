/** The servers that we start and the one of the compose file have the same settings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FAIRNESS, QUICK_DELETES, QUICK_TASKS } from '../../../temporal-server/server-process.ts';
import { ROOT } from '../../support/source-imports.ts';

test.each(Object.entries({ ...FAIRNESS, ...QUICK_DELETES, ...QUICK_TASKS }))(
  '%s is %s in the file, too',
  (key, value) => {
    const file = readFileSync(join(ROOT, 'deploy/temporal-dynamic-config.yaml'), 'utf8');
    expect(file).toContain(`\n${key}:\n  - value: ${value}\n`);
  },
);
