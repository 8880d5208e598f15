/** Plays the image from its build to its last check, and takes everything down again. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { playInFolder } from '../../support/system-run.ts';
import type { SystemRun } from '../../support/system-run.ts';
import type { Check } from '../topology/checks.ts';
import { provideBaseImages } from './base-images.ts';
import { megabytes, openDocker } from './docker.ts';
import type { Docker } from './docker.ts';
import { checkContents } from './contents.ts';
import { checkRunning } from './running.ts';

const ROOT = join(__dirname, '../../..');
const TAG = 'topcalls-webhooks:image-test';
const BUILD_MS = 1_800_000;

/** Resolves with the checks; undefined after Ctrl-C. Rejects where a part does not come up. */
export function playImage(
  { keep }: { readonly keep: boolean },
  say: SystemRun['say'],
): Promise<readonly Check[] | undefined> {
  const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return playInFolder({ name: 'image', say, tidy }, async (run) => {
    const docker = await openDocker(run);
    await buildImage(run, docker, TAG);
    if (!keep) run.closers.push(() => docker(['rmi', TAG]));
    run.say('what is in the image');
    const contents = await checkContents(docker, TAG);
    return [...contents, ...(await checkRunning(run, docker, TAG))];
  });
}

/** Builds the Dockerfile's image under this tag. */
export async function buildImage(run: SystemRun, docker: Docker, tag: string): Promise<void> {
  for (const { tag: base, isStandIn, bytes } of await provideBaseImages(run, docker)) {
    run.say(`${base}: ${isStandIn ? 'a stand-in made here' : 'the published image'}, ${megabytes(bytes)}`);
  }
  run.say(`docker build: ${tag}`);
  // The host's network: on some machines only that one has a way to a registry.
  await docker(['build', '--network', 'host', '--tag', tag, ROOT], BUILD_MS);
}
