/** Compares docs/egress.md with the code: the tables for a security reviewer are the tables that are applied. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { VARIABLE_WORDS } from '../../cli/environment/worker-variables.ts';
import { BLOCKED_IPV4, BLOCKED_IPV6, METADATA_ADDRESSES, OPEN_IPV6 } from '../../contract/egress/address-table.ts';
import { parseEgressOptions } from '../../contract/egress/policy.ts';
import {
  ATTEMPT_DEADLINE_MS,
  DNS_DEADLINE_MS,
  HANDSHAKE_QUEUE_MS,
  MAX_ANSWER_LINES,
  MAX_ANSWER_WIRE_BYTES,
  MAX_HANDSHAKE_BYTES,
  MAX_HANDSHAKES,
  MAX_HANDSHAKES_PER_HOST,
  MAX_RESPONSE_BYTES,
  MAX_TLS_WIRE_BYTES,
} from '../../activities/http/attempt-bounds.ts';
import { URL_RULES } from '../../contract/egress/url-rules.ts';
import { ROOT } from '../support/source-imports.ts';

const page = readFileSync(join(ROOT, 'docs/egress.md'), 'utf8');

/** Cells of the table that starts with these cells, without its header and rule line. */
function tableUnder(...heads: string[]): string[][] {
  const start = page.indexOf(`| ${heads.join(' | ')} |`);
  if (start < 0) throw new Error(`docs/egress.md has no table ${heads.join(', ')}`);
  return rowsOf(page.slice(start));
}

function rowsOf(text: string): string[][] {
  const [table = ''] = text.split('\n\n');
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

describe('docs/egress.md', () => {
  test.each([
    ['IPv4', BLOCKED_IPV4],
    ['IPv6', BLOCKED_IPV6],
  ])('lists the refused %s ranges, why, and who says so', (family, ranges) => {
    const section = page.slice(page.indexOf(`\n${family}`));
    const table = rowsOf(section.slice(section.indexOf('| range | why | source |')));
    expect(table).toEqual(ranges.map(({ range, why, source }) => [range, why.replaceAll('`', ''), source]));
  });

  test('names the open IPv6 block and every metadata address', () => {
    expect(page).toContain(`only \`${OPEN_IPV6}\` is open`);
    const flat = page.replaceAll(/\s+/g, ' ');
    for (const { address, of } of METADATA_ADDRESSES) expect(flat).toContain(`\`${address}\` (${of})`);
  });

  test('has the URL rules in the order they are applied, in the words people read', () => {
    expect(tableUnder('#', 'code', 'rule').map(([, code, rule]) => [code, rule])).toEqual(Object.entries(URL_RULES));
  });

  test('has every option with its variable', () => {
    const rows = tableUnder('option', 'variable', 'default', 'what it does');
    const variables = Object.keys(VARIABLE_WORDS).filter((name) => name.startsWith('TOPCALLS_EGRESS_'));
    expect(new Set(rows.map(([option]) => option))).toEqual(new Set(Object.keys(parseEgressOptions())));
    expect(new Set(rows.map(([, variable]) => variable))).toEqual(new Set(variables));
  });

  test('has the bounds that are shipped', () => {
    const flat = page.replaceAll(/\s+/g, ' ');
    expect(flat).toContain(`An attempt takes at most ${ATTEMPT_DEADLINE_MS / 1_000} s`);
    expect(flat).toContain(
      `${MAX_RESPONSE_BYTES / 1_024} KiB of a body, ${MAX_ANSWER_LINES} lines and about ${MAX_ANSWER_WIRE_BYTES / 1_024} KiB in all (${MAX_TLS_WIRE_BYTES / 1_024} KiB with what TLS adds)`,
    );
    expect(flat).toContain(`within ${DNS_DEADLINE_MS / 1_000} s`);
    expect(flat).toContain(`| bytes before the handshake is over | ${MAX_HANDSHAKE_BYTES / 1_024} KiB;`);
    expect(flat).toContain(
      `${MAX_HANDSHAKES_PER_HOST} with one host (name and port), ${MAX_HANDSHAKES} in all; others wait up to ${HANDSHAKE_QUEUE_MS / 1_000} s`,
    );
  });
});
