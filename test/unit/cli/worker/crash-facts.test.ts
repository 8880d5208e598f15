/** An error that nobody caught is logged by its place, and no word of what it quotes. */
import { expect, test } from '@jest/globals';
import { pino, type Logger } from 'pino';
import { PostgresDeliveryLogError } from '../../../../adapters/index.ts';
import { crashFacts, toldBy } from '../../../../cli/worker/crash-facts.ts';

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

const CAUSE = new Error('canary in a cause');
const ERRORS: Readonly<Record<string, unknown>> = {
  'a parser that quotes what it read': caught(() => JSON.parse('canary')),
  'a URL with a token': caught(() => new URL('canary:// token?canary')),
  'fields of its own': Object.assign(new Error('x'), { body: 'canary', headers: { authorization: 'canary' } }),
  'a cause': new Error('x', { cause: CAUSE }),
  'several errors': new AggregateError([new Error('canary'), CAUSE], 'canary'),
  'a message of several lines': new Error('one\n  canary\ntwo: canary\n\tat canary'),
  'no error at all': 'canary',
  'an object': { message: 'canary', stack: 'canary' },
};

function logged(write: (logger: Logger) => void): string {
  const lines: string[] = [];
  write(pino({ serializers: { err: crashFacts } }, { write: (line: string) => void lines.push(line) }));
  return lines.join('\n');
}

test.each(Object.entries(ERRORS))('of an error with %s neither line nor field is told', (_what, err) => {
  const text = logged((logger) => {
    logger.fatal({ err }, 'worker.crashed');
    toldBy(logger).onSecondError(err);
    if (typeof err !== 'string') toldBy(logger).logger.error(err);
  });
  expect(text).not.toContain('canary');
  expect(text).toContain('worker.crashed');
  if (err instanceof Error) expect(text).toContain(__filename);
});

test('code, class and place are told, and the message of an error that is safe', () => {
  const error = new PostgresDeliveryLogError('postgres_access', { problem: 'the server refuses this user' });
  expect(crashFacts(error)).toMatchObject({
    error: 'postgres_access',
    errorClass: 'PostgresDeliveryLogError',
    errorMessage: 'PostgreSQL delivery log: the server refuses this user',
    stack: expect.arrayContaining([expect.stringMatching(/crash-facts\.test\.ts:\d+:\d+/)]),
  });
  expect(JSON.parse(logged((logger) => toldBy(logger).logger.error('killed by timeout (1ms)')))).toMatchObject({
    msg: 'worker.stopping: killed by timeout (1ms)',
  });
});
