/** The terminal of a command: whatever it is given to print, the screen is driven by this command alone. */
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { factLines } from '../../../../cli/process/fact-lines.ts';
import { catchInterrupts } from '../../../../cli/process/interrupts.ts';
import { plainTable } from '../../../../cli/process/plain-table.ts';
import { tabbed } from '../../../../cli/process/tabbed.ts';
import { terminalOf } from '../../../../cli/process/terminal.ts';
import { DRIVES_A_SCREEN, hostileText } from '../../../support/hostile-text.ts';

function printed(env: NodeJS.ProcessEnv = {}) {
  const chunks: string[] = [];
  const stream = { isTTY: true, columns: 80, write: (chunk: string) => chunks.push(chunk) } as never;
  return { terminal: terminalOf(env, { stdin: stream, stdout: stream, stderr: stream }), chunks };
}

/** Without the line breaks and tabs of the command, and without its own colours and erased lines. */
function others(chunks: readonly string[]): string {
  // eslint-disable-next-line no-control-regex
  return chunks.join('').replaceAll(/\n|\t|\r\u001b\[2K|\u001b\[\d{1,3}m/g, '');
}

test('no line, no data and no live line keeps a character that drives a screen', () => {
  fc.assert(
    fc.property(hostileText, fc.boolean(), (text, hasColours) => {
      const { terminal, chunks } = printed(hasColours ? {} : { NO_COLOR: '1' });
      terminal.live(text);
      terminal.say(`${terminal.colors.red('error:')} ${text}`);
      terminal.data(text);
      expect(others(chunks)).not.toMatch(DRIVES_A_SCREEN);
      if (!hasColours) expect(chunks.join('')).not.toContain('\u001b[31m');
    }),
    { numRuns: 150 },
  );
});

test('JSON stays the same JSON', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const { terminal, chunks } = printed();
      terminal.data(JSON.stringify({ text }, undefined, 2));
      expect(JSON.parse(chunks.join(''))).toEqual({ text });
      expect(others(chunks)).not.toMatch(DRIVES_A_SCREEN);
    }),
    { numRuns: 150 },
  );
});

test('a text of others makes no line, no column and no colour of its own', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (one, two) => {
      expect(tabbed(one, two).split('\t')).toHaveLength(2);
      for (const text of [tabbed(one, two).replace('\t', ''), factLines([one, two]).replaceAll('\n', '')]) {
        expect(text).not.toMatch(DRIVES_A_SCREEN);
      }
      expect(factLines([one, two]).split('\n').length).toBeLessThanOrEqual(2);
      expect(plainTable(['a', 'b'], [[one, two]]).replaceAll('\n', '')).not.toMatch(DRIVES_A_SCREEN);
    }),
    { numRuns: 100 },
  );
});

test('tables fit 80 columns, however long their cells are', () => {
  const cell = fc.string({ unit: 'grapheme-ascii', maxLength: 90 });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 4 }), (rows) => {
      const lines = plainTable(['no', 'host', 'answer', 'trigger'], rows).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    }),
    { numRuns: 100 },
  );
});

test('facts go on as many lines as fit 80 columns, and an empty one on none', () => {
  expect(factLines(['first', 'a'.repeat(40), '', 'b'.repeat(40), 'c'])).toBe(
    `first\n  ${'a'.repeat(40)}\n  ${'b'.repeat(40)}  c`,
  );
});

test('a program is not asked; a person whose stderr is redirected is refused, and told of --yes', async () => {
  const { chunks, stream } = streams();
  const asked = (stdin: boolean, stderr: boolean) =>
    terminalOf({}, { stdin: stream(stdin), stdout: stream(true), stderr: stream(stderr) }).ask('really? ');
  expect(await asked(false, true)).toBeUndefined();
  expect(await asked(false, false)).toBeUndefined();
  await expect(asked(true, false)).rejects.toMatchObject({
    exitCode: 2,
    message: 'the question before this command cannot be shown, because stderr is redirected: add --yes',
  });
  expect(chunks).toEqual([]);
});

function streams() {
  const chunks: string[] = [];
  const stream = (isTTY: boolean) => ({ isTTY, write: (chunk: string) => chunks.push(chunk) }) as never;
  return { chunks, stream };
}

test('what a command that acts can no longer write to stdout goes to stderr, that of others nowhere', () => {
  const err: string[] = [];
  const failing = {
    write: (_text: string, done: (error: Error) => void) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  } as never;
  const stderr = { write: (text: string) => err.push(text) } as never;
  const terminal = terminalOf({}, { stdin: failing, stdout: failing, stderr });
  terminal.data('one');
  expect(err).toEqual([]);
  const { release } = catchInterrupts();
  terminal.data('two');
  terminal.data('three');
  release();
  expect(err).toEqual([
    'stdout cannot be written (ENOSPC), so this stops; the rest follows here\n',
    'two\n',
    'three\n',
  ]);
});

test('Ctrl-C at a question means no, and interrupts the command that asks', async () => {
  const { signal, release } = catchInterrupts();
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} }) as never;
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 }) as never;
  const answer = terminalOf({}, { stdin, stdout: stderr, stderr }).ask('really? ');
  (stdin as PassThrough).write('\u0003');
  expect([await answer, signal.aborted]).toEqual(['', true]);
  release();
});
