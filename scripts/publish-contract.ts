/**
 * `npm run publish-contract`: writes contract/published/ and the generated parts of docs/payload.md anew.
 * `npm run publish-contract -- --release` also keeps a copy of the contract under
 * contract/published/released/<version>/. Every later version of the same major must keep to that copy. Run it so in
 * the commit that raises the version.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VERSION } from '../contract/version.ts';
import { contractDocuments, PUBLISHED, publishedDocuments } from './contract/documents.ts';
import { embeddedSchemas } from './contract/json-schemas.ts';
import { fillPayloadPage } from './contract/payload-page.ts';
import { samples } from './contract/samples.ts';

const root = join(__dirname, '..');
const page = join(root, 'docs/payload.md');

// An event that was renamed or dropped must not leave its old files behind.
for (const folder of ['schemas', 'samples', 'reports'])
  rmSync(join(root, PUBLISHED, folder), { recursive: true, force: true });
write(PUBLISHED, publishedDocuments());
writeFileSync(page, fillPayloadPage(readFileSync(page, 'utf8'), embeddedSchemas(), samples()));

if (process.argv.includes('--release')) {
  const folder = `${PUBLISHED}/released/${VERSION}`;
  if (existsSync(join(root, folder))) {
    console.error(`${folder} is there: raise the version, or remove the folder if that version was never published`);
    process.exit(1);
  }
  write(folder, contractDocuments());
}

function write(folder: string, documents: ReadonlyMap<string, string>): void {
  for (const [path, text] of documents) {
    const file = join(root, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(`${folder}: ${documents.size} documents`);
}
