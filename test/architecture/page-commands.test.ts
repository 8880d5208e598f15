/** Holds the commands that the pages and alerts name against the commands that exist, with their options. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../../cli/command-list.ts';
import { bodySignature } from '../../signature/schemes.ts';
import { recordingTerminal } from '../support/in-process-cli.ts';
import { ROOT } from '../support/source-imports.ts';

const { terminal } = recordingTerminal();
const commands = COMMANDS.map((make) => make(terminal, () => undefined));
const names = new Set(commands.map((command) => command.name()));

const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const PAGES = ['README.md', 'deploy/prometheus/alerts.yml', ...pages.map((name) => `docs/${name}`)];

describe.each(PAGES)('%s', (path) => {
  it('names no command, subcommand or option that does not exist', () => {
    const said = commandsIn(readFileSync(join(ROOT, path), 'utf8'), path === 'docs/operate.md');
    expect(said.flatMap((line) => problemsOf(line))).toEqual([]);
    if (path === 'docs/operate.md') expect(said.length).toBeGreaterThan(150);
  });
});

it('no message of the code names a command or option that does not exist', () => {
  const files = ['cli', 'client', 'worker', 'activities', 'adapters'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file)),
  );
  // A message may go on in prose after the name of the program.
  const said = files.flatMap((file) => commandsIn(readFileSync(join(ROOT, file), 'utf8'), false).filter(isCommand));
  expect(said.length).toBeGreaterThan(100);
  expect(said.flatMap((line) => problemsOf(line))).toEqual([]);
});

it('finds what does not exist', () => {
  const wrong = ['cancel X --lets-go', 'db stats', 'limits show', 'redeliver --failed --since 1d --dry', 'limit sett'];
  expect(wrong.map((line) => problemsOf(line).length)).toEqual([1, 1, 1, 1, 1]);
  expect(problemsOf('db list --state failed --endpoint ep_… --since 1d; status X')).toEqual([]);
});

/** The commands that a text names. In the runbook the name of the program is left out. */
function commandsIn(text: string, isShort: boolean): string[] {
  const whole = text.replaceAll('\\\n', ' ').matchAll(/topcalls-webhooks ((?:"[^"\n]*"|'[^'\n]*'|[^`|#>&;)\n"'])*)/g);
  const short = isShort ? [...text.matchAll(/`([^`\n]+)`/g)].filter(([, code = '']) => isCommand(code)) : [];
  return [...whole, ...short].map(([, code = '']) => code.trim()).filter((code) => /^[a-z]/.test(code));
}

function isCommand(code: string): boolean {
  return names.has(code.split(' ')[0] ?? '') && /^[\w-]+( |$)/.test(code);
}

/** What of a command line does not exist. */
function problemsOf(line: string): string[] {
  const [first = '', ...words] = (line.split(/[;|>]|[.:,] |\. ?$/)[0] ?? '')
    .replaceAll(/'[^']*'|"[^"]*"/g, '…')
    .trim()
    .split(/\s+/);
  const command = commands.find((each) => each.name() === first);
  if (command === undefined) return [`${line}: no command ${first}`];
  const sub = command.commands.find((each) => each.name() === words[0]);
  if (command.commands.length > 0 && words[0] !== undefined && /^[a-z]+$/.test(words[0]) && sub === undefined) {
    return [`${line}: no subcommand ${words[0]}`];
  }
  const known = optionsOf(sub ?? command);
  return words
    .filter((word) => /^--?[a-z]/.test(word) && !known.has(nameOf(word)))
    .map((word) => `${line}: no ${word}`);
}

function nameOf(word: string): string {
  return word.replace(/[=.,:)].*$/, '');
}

function optionsOf(command: Command): ReadonlySet<string> {
  return new Set(['--help', '-h', ...command.options.flatMap(({ short, long }) => [short ?? '', long ?? ''])]);
}

it('whoever installs our logger gets the lines of the core through it, too', () => {
  const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|m?js)$/.test(file) && !file.includes('node_modules'))
    .map((file) => join('examples', file));
  const texts = [...PAGES, ...examples, 'cli/worker/run.ts'].map((path) => readFileSync(join(ROOT, path), 'utf8'));
  const installing = texts.flatMap((text) => text.split(/(?=\blogger: temporalLogger\()/).slice(1));
  expect(installing.length).toBeGreaterThan(2);
  for (const text of installing) expect(text.slice(0, 400)).toContain('forward: {}');
});

describe('a secret on a page', () => {
  const texts = PAGES.map((path) => readFileSync(join(ROOT, path), 'utf8'));

  it('is signed with by a command that makes the signature of an attempt', () => {
    const [, script = ''] = /node -p '(require\("crypto"\)[^']+)'/.exec(texts.join('\n')) ?? [];
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const body = '{"call_id":"ü"}';
    const made = execFileSync(process.execPath, ['-p', script], { input: body, env: { SECRET: secret } });
    expect(String(made).trim()).toBe(bodySignature(Buffer.from(secret), body));
  });

  it('is no argument of a program: printf and echo are the shell itself', () => {
    const lines = texts.flatMap((text) => text.split('\n')).filter((line) => /"\$\w*SECRET\w*"/.test(line));
    expect(lines.filter((line) => !/\b(printf|echo) [^|]*"\$\w*SECRET\w*"/.test(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(0);
  });
});
