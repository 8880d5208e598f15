/**
 * Everything under `contract/published/`, as text by path. Called by `npm run publish-contract`, which writes it, and
 * by the test that compares it byte for byte with what is checked in. Pure.
 */
import { embeddedSchemas, schemaDocument } from './json-schemas.ts';
import { openApiDocument } from './openapi.ts';
import { reportSchemas } from './report-schemas.ts';
import { samples } from './samples.ts';

/** Folder of the documents, from the root of the repository. */
export const PUBLISHED = 'contract/published';

/** What a major version promises, i.e. what the gate compares: the schemas and the OpenAPI document. */
export function contractDocuments(): ReadonlyMap<string, string> {
  const schemas = embeddedSchemas();
  return new Map([
    ['openapi.json', pretty(openApiDocument(schemas, samples()))],
    ...Object.entries(schemas).map(
      ([event, schema]) => [`schemas/${event}.schema.json`, pretty(schemaDocument(event, schema))] as const,
    ),
  ]);
}

/** Contract, samples, and what `reportCall` takes and answers. A sample is the exact bytes of a request body: no line
 *  end follows. The gate does not compare reports: what is read may only become more. */
export function publishedDocuments(): ReadonlyMap<string, string> {
  const bodies = Object.entries(samples()).map(([name, body]) => [`samples/${name}.json`, body] as const);
  const reports = Object.entries(reportSchemas()).map(
    ([name, schema]) => [`reports/${name}.schema.json`, pretty(schema)] as const,
  );
  return new Map([...contractDocuments(), ...bodies, ...reports]);
}

function pretty(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
