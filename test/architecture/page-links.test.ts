/**
 * Every relative link of a page leads to a file, in the repository and in the package that npm packs. Anchors are
 * those that GitHub makes from headings.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/source-imports.ts';

const execute = promisify(execFile);

type Link = { readonly page: string; readonly link: string; readonly target: string; readonly anchor: string };

/** Paths of the packed files without `dist`: it is built later, and no page links to it. */
let packed: readonly string[];
/** Every Markdown file of the repository. */
const pages = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => !/^(?:node_modules|dist|\.git)$/.test(entry.name))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(ROOT, entry.name), { recursive: true, encoding: 'utf8' }).map((file) =>
          posix.join(entry.name, file.replaceAll('\\', '/')),
        )
      : [entry.name],
  )
  .filter((file) => file.endsWith('.md') && !file.includes('node_modules/'));

beforeAll(async () => {
  const pack = await execute('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [{ files }] = JSON.parse(pack.stdout) as [{ files: { path: string }[] }];
  packed = files.map(({ path }) => path);
});

describe('every relative link', () => {
  test('of a packed page leads to a packed file, or to a folder with packed files', () => {
    const packedPages = packed.filter((file) => file.endsWith('.md'));
    const links = packedPages.flatMap(linksOf);
    const isPacked = (path: string): boolean => packed.some((file) => file === path || file.startsWith(`${path}/`));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ target }) => !isPacked(target)).map(told)).toEqual([]);
  });

  test('of any page leads to a file of the repository', () => {
    const links = pages.flatMap(linksOf);
    expect(links.filter(({ target }) => !existsSync(join(ROOT, target))).map(told)).toEqual([]);
  });

  test('with an anchor leads to a heading', () => {
    const links = pages.flatMap(linksOf).filter(({ anchor, target }) => anchor !== '' && target.endsWith('.md'));
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter(({ anchor, target }) => !anchorsOf(target).has(anchor)).map(told)).toEqual([]);
  });
});

test('every file or folder that a page names in code is there', () => {
  const named = pages.flatMap((page) =>
    [...withoutFences(readFileSync(join(ROOT, page), 'utf8')).matchAll(/`(?<path>[\w.-]+\/[\w./-]*)`/g)].map(
      ({ groups }) => ({ page, path: groups?.['path'] ?? '' }),
    ),
  );
  const rooms = new Set(readdirSync(ROOT));
  const ours = named.filter(({ path }) => rooms.has(path.split('/')[0] ?? ''));
  expect(ours.length).toBeGreaterThan(50);
  expect(ours.filter(({ path }) => !existsSync(join(ROOT, path))).map(({ page, path }) => `${page}: ${path}`)).toEqual(
    [],
  );
});

test('a link, an image and a reference are followed; code and other sites are not', () => {
  const text =
    '[a](b.md#c) ![d](img/e.png) <img src="f.png">\n[g]: h.md\n`[i](j.md)` [k](https://l)\n```md\n[m](n.md)\n```\n[o](#p)';
  expect(linksIn('docs/q.md', text).map(({ target, anchor }) => [target, anchor])).toEqual([
    ['docs/b.md', 'c'],
    ['docs/img/e.png', ''],
    ['docs/f.png', ''],
    ['docs/h.md', ''],
    ['docs/q.md', 'p'],
  ]);
});

test('anchors are made of headings as GitHub makes them', () => {
  expect([...anchorsIn('# A `b`: c & d\n## From a terminal\n## Same\n## Same\n```sh\n# no heading\n```')]).toEqual([
    'a-b-c--d',
    'from-a-terminal',
    'same',
    'same-1',
  ]);
});

function told({ page, link }: Link): string {
  return `${page}: ${link}`;
}

function linksOf(page: string): Link[] {
  return linksIn(page, readFileSync(join(ROOT, page), 'utf8'));
}

function linksIn(page: string, text: string): Link[] {
  const prose = withoutFences(text).replaceAll(/`[^`\n]*`/g, '');
  const found = prose.matchAll(
    /\]\((?<inline>[^)\s]+)(?:\s[^)]*)?\)|(?:src|href)="(?<html>[^"]+)"|^\[[^\]]+\]:\s*(?<reference>\S+)/gm,
  );
  return [...found].flatMap(({ groups = {} }) => {
    const link = groups['inline'] ?? groups['html'] ?? groups['reference'] ?? '';
    if (/^[a-z]+:/i.test(link)) return [];
    const [path = '', anchor = ''] = link.split('#');
    const target = path === '' ? page : posix.join(posix.dirname(page), decodeURIComponent(path)).replace(/\/$/, '');
    return [{ page, link, target, anchor }];
  });
}

function anchorsOf(page: string): Set<string> {
  return anchorsIn(readFileSync(join(ROOT, page), 'utf8'));
}

function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#{1,6}\s+(.+)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy += 1) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutFences(text: string): string {
  return text.replaceAll(/^(?<fence>```+|~~~+)[^\n]*\n[\s\S]*?^\k<fence>\s*$/gm, '');
}
