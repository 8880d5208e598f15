/**
 * `npm run record-histories`: records the replay fixtures, one history per phase of a run, taken from a real server,
 * into test/replay/histories/. Every phase is recorded anew; `--only <name>`, which may be repeated, records just
 * those. CONTRIBUTING.md says when: recorded histories stand for runs that are open somewhere.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScript } from '../test/support/run-script.ts';
import type { Closers } from '../test/support/run-script.ts';
import { PHASES } from './histories/phases.ts';
import { openRecorder } from './histories/recorder.ts';

const FOLDER = join(__dirname, '../test/replay/histories');

async function main(closers: Closers): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } });
  const unknown = values.only.filter((name) => !(name in PHASES));
  if (unknown.length > 0) {
    throw new Error(`no phase is called ${unknown.join(', ')}; the phases: ${Object.keys(PHASES).join(', ')}`);
  }
  mkdirSync(FOLDER, { recursive: true });
  const recorder = await openRecorder();
  closers.push(() => recorder.stage.close());
  for (const [name, play] of Object.entries(PHASES)) {
    if (values.only.length > 0 && !values.only.includes(name)) continue;
    recorder.begin(name);
    const { text, events } = await recorder.history(await play(recorder));
    writeFileSync(join(FOLDER, `${name}.json`), text);
    console.error(`recorded ${name} (${events} events)`);
  }
}

void runScript(main);
