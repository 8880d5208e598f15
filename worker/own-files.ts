/**
 * Finds files that are loaded by their path: workflow code of this package, and modules of the SDK. Not by
 * `require.resolve`, which bundlers replace by names that mean nothing outside of their bundle.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';

/** This folder; empty in a host that is bundled into one ES module. */
export const HERE = typeof __dirname === 'string' ? __dirname : '';

/** `require` as it works beside this file. Throws in a host that is bundled into one ES module. */
export function requireHere(): NodeJS.Require {
  return createRequire(join(HERE, 'own-files.js'));
}

/** The path of the workflows. Throws TypeError if they are not beside this file, as in a host that is bundled. */
export function workflowsPath(): string {
  try {
    const path = requireHere().resolve('../workflows');
    if (isAbsolute(path) && existsSync(path)) return path;
  } catch {
    // Told below.
  }
  throw new TypeError(
    'webhook worker: this host is bundled into one file, so the workflow code of @topcalls/webhooks is not beside it. ' +
      "Give createWebhookWorker temporal: { workflowBundle: { codePath } } with the path of '@topcalls/webhooks/" +
      "workflow-bundle', or keep @topcalls/webhooks out of your bundle; see docs/embed.md",
  );
}
