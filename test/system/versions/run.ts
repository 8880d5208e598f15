/** The whole play: a server, two builds of the worker, the release of docs/upgrade.md, and the rolls. */
import { rmSync } from 'node:fs';
import type { Check } from '../topology/checks.ts';
import { playInFolder } from '../../support/system-run.ts';
import { openInstallation } from './installation.ts';
import { playRelease } from './release.ts';
import { playRolls } from './rolls.ts';

/** Resolves with what was checked; undefined after Ctrl-C. */
export function playVersions(
  { rolls, keep }: { readonly rolls: number; readonly keep: boolean },
  say: (line: string) => void,
): Promise<readonly Check[] | undefined> {
  const tidy = (folder: string): void => {
    if (keep) say(`the logs are in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  };
  return playInFolder({ name: 'versions', say, tidy }, async (run) => {
    const installation = await openInstallation(run);
    return [...(await playRelease(installation)), ...(await playRolls(installation, rolls))];
  });
}
