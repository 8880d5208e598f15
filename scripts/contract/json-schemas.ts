/** zod → JSON Schema 2020-12, one document per event. Pure; called by documents.ts and by the tests of the bodies. */
import * as z from 'zod';
import { bodySchemas, type EventName } from '../../contract/index.ts';

/** The part of JSON Schema that our documents use. */
export type JsonSchema = {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly format?: string;
  readonly [keyword: string]: unknown;
};

/** Schema of each event's body, without `$schema` and `$id`: as OpenAPI embeds it. */
export function embeddedSchemas(): Readonly<Record<EventName, JsonSchema>> {
  const entries = Object.entries(bodySchemas).map(([event, schema]) => {
    const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', override: plainer });
    return [event, json];
  });
  return Object.fromEntries(entries) as Record<EventName, JsonSchema>;
}

/** Schema of one event's body as a document of its own. */
export function schemaDocument(event: string, schema: JsonSchema): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    // A name, not an address: a tag URI (RFC 4151) is absolute, as 2020-12 wants, and promises no page behind it.
    $id: `tag:topcalls.ai,2025:webhooks/${event}`,
    ...schema,
  };
}

/** What zod writes, in the words that readers and code generators know best. */
export function plainer({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { anyOf, propertyNames, additionalProperties } = jsonSchema;
  const [value, nothing] = anyOf ?? [];
  // `type: [string, null]`: generators make a union of named classes out of anyOf.
  if (anyOf?.length === 2 && value !== undefined && nothing?.type === 'null' && typeof value.type === 'string') {
    delete jsonSchema.anyOf;
    const rest = { ...jsonSchema };
    for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
    Object.assign(jsonSchema, value, { type: [value.type, 'null'] }, rest);
  }
  // Every JSON key is a string.
  if (typeof propertyNames === 'object' && Object.keys(propertyNames).join() === 'type')
    delete jsonSchema.propertyNames;
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length === 0) {
    jsonSchema.additionalProperties = true;
  }
}
