/**
 * The published documents: the checked-in files are what the code makes, and each format's official reader accepts
 * them.
 */
import { describe, expect, it } from '@jest/globals';
import { validate as validateOpenApi } from '@readme/openapi-parser';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_NAMES, HEADERS } from '../../../../contract/index.ts';
import { PUBLISHED, publishedDocuments } from '../../../../scripts/contract/documents.ts';
import { embeddedSchemas, type JsonSchema } from '../../../../scripts/contract/json-schemas.ts';
import { fillPayloadPage } from '../../../../scripts/contract/payload-page.ts';
import { samples } from '../../../../scripts/contract/samples.ts';
import { ROOT } from '../../../support/source-imports.ts';

const FOLDER = join(ROOT, PUBLISHED);
/** What a red test here asks for. */
const CURE = 'run `npm run publish-contract` and look at what changed for receivers';

function published(path: string): string {
  return readFileSync(join(FOLDER, path), 'utf8');
}

function publishedJson<T>(path: string): T {
  return JSON.parse(published(path)) as T;
}

describe('the published contract', () => {
  const documents = publishedDocuments();

  it(`is what the code makes, byte for byte; else ${CURE}`, () => {
    const checkedIn = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('released'))
      .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1));
    expect(checkedIn.sort()).toEqual([...documents.keys()].sort());
    for (const [path, text] of documents) expect({ path, text: published(path) }).toEqual({ path, text });
  });

  it(`is what docs/payload.md shows; else ${CURE}`, () => {
    const page = readFileSync(join(ROOT, 'docs/payload.md'), 'utf8');
    expect(page).toBe(fillPayloadPage(page, embeddedSchemas(), samples()));
  });

  it('has a table and a sample of every event in docs/payload.md', () => {
    const page = readFileSync(join(ROOT, 'docs/payload.md'), 'utf8');
    for (const event of EVENT_NAMES) {
      expect(page).toContain(`<!-- fields: ${event} -->`);
      expect(page).toContain(`<!-- sample: ${event} -->`);
    }
  });
});

describe('the JSON Schemas', () => {
  const schemas = EVENT_NAMES.map(
    (event) => [event, publishedJson<JsonSchema>(`schemas/${event}.schema.json`)] as const,
  );

  it.each(schemas)('of %s is one by the meta-schema of 2020-12', (_event, schema) => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    addFormats(ajv);
    expect(ajv.validateSchema(schema)).toBe(true);
    // Strict mode: otherwise an unknown keyword or format would be ignored in silence.
    expect(() => ajv.compile(schema)).not.toThrow();
  });

  it.each(schemas)('of %s explains every field, and takes fields it does not know', (_event, schema) => {
    for (const [path, field] of fieldsOf(schema, ''))
      expect([path, field.description]).toEqual([path, expect.any(String)]);
    for (const [path, object] of objectsOf(schema, 'body')) {
      expect([path, object.additionalProperties]).not.toEqual([path, false]);
      expect([path, object.required ?? []]).toEqual([path, Object.keys(object.properties ?? {})]);
    }
  });

  it.each(schemas)('of %s takes the sample that is published beside it', (event, schema) => {
    const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
    addFormats(ajv);
    const names = [...publishedDocuments().keys()].filter((path) => path.startsWith(`samples/${event}.`));
    for (const name of names) {
      const valid = ajv.validate(schema, publishedJson(name));
      expect({ name, valid, errors: ajv.errors }).toEqual({ name, valid: true, errors: null });
    }
    expect(names).not.toEqual([]);
  });
});

describe('the OpenAPI document', () => {
  type OpenApi = {
    openapi: string;
    webhooks: Record<string, { post: { parameters: unknown[]; responses: Record<string, unknown> } }>;
    components: { parameters: Record<string, { name: string }> };
  };
  const document = (): OpenApi => publishedJson<OpenApi>('openapi.json');

  it('is OpenAPI 3.1 by a parser that follows its references', async () => {
    expect(await validateOpenApi(document() as never)).toEqual({ valid: true, specification: 'OpenAPI', warnings: [] });
  });

  it('has one webhook per event, with every header and what each answer leads to', () => {
    const { webhooks, components } = document();
    expect(Object.keys(webhooks)).toEqual([...EVENT_NAMES]);
    for (const { post } of Object.values(webhooks)) {
      expect(post.parameters).toHaveLength(Object.keys(components.parameters).length);
      expect(Object.keys(post.responses).sort()).toEqual(['2XX', '3XX', '410', '429', '503', 'default']);
    }
  });

  it('names the headers that are sent', () => {
    const names = Object.values(document().components.parameters).map(({ name }) => name.toLowerCase());
    expect(names.sort()).toEqual([...Object.values(HEADERS), 'user-agent'].sort());
  });
});

/** Every field of a schema, with its path. */
function fieldsOf(schema: JsonSchema, at: string): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${at}.${name}`;
    return [
      [path, field] as [string, JsonSchema],
      ...fieldsOf(field, path),
      ...fieldsOf(field.items ?? {}, `${path}[]`),
    ];
  });
}

/** Every object shape of a schema, with its path. */
function objectsOf(schema: JsonSchema, at: string): [string, JsonSchema][] {
  const inside = fieldsOf(schema, at).flatMap(([path, field]) => [
    ...(field.properties === undefined ? [] : [[path, field] as [string, JsonSchema]]),
    ...(field.items?.properties === undefined ? [] : [[`${path}[]`, field.items] as [string, JsonSchema]]),
  ]);
  return [[at, schema], ...inside];
}
