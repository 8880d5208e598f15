/** `npm run make-vectors`: writes the signature vectors under test/vectors anew; fixed inputs, so nothing changes by
 *  itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorFiles, VECTORS } from './vectors/files.ts';

for (const [name, text] of vectorFiles()) {
  writeFileSync(join(__dirname, '..', VECTORS, name), text);
  console.log(`${VECTORS}/${name}`);
}
