/** Doors and CLI parts of the built package, as the other files of this folder use them; `npm run topology` builds first. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Path of the built command. */
export const CLI = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** A module of `dist`, e.g. `cli/local-port`. */
export const built = (name) => require(`../../dist/${name}.js`);
