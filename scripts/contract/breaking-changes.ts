/**
 * The gate: what a receiver would notice between a released contract and the present one. Receivers read bodies, so a
 * field that goes away or may newly be absent breaks them. So does one that takes other values, wider or narrower. New
 * fields, new events and new words do not. Pure; the test of the published documents runs it against every release of
 * this major.
 */
import type { JsonSchema } from './json-schemas.ts';

/** Documents of one version by path, parsed. */
export type Contract = ReadonlyMap<string, unknown>;

/** Keywords that explain and promise nothing. */
const WORDS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  'title',
  'description',
  'examples',
  'deprecated',
  '$comment',
]);
/** Keywords that are looked at one by one below. */
const STRUCTURE: ReadonlySet<string> = new Set(['properties', 'required', 'items', 'additionalProperties']);

/** What breaks receivers, one sentence each; empty where all is additive. */
export function breakingChanges(released: Contract, present: Contract): string[] {
  return [...released].flatMap(([path, before]) => {
    if (path === 'openapi.json') return openApiChanges(before as OpenApi, present.get(path) as OpenApi | undefined);
    const event = path.replace(/^schemas\//, '').replace(/\.schema\.json$/, '');
    const now = present.get(path) as JsonSchema | undefined;
    if (now === undefined) return [`${event}: the event is gone; receivers that subscribe to it wait in vain`];
    return schemaChanges(before as JsonSchema, now, event);
  });
}

function schemaChanges(before: JsonSchema, now: JsonSchema, at: string): string[] {
  return [
    ...valueChanges(before, now, at),
    ...fieldChanges(before, now, at),
    ...partChanges(before, now, 'items', `${at}[]`),
    ...partChanges(before, now, 'additionalProperties', `${at}.*`),
  ];
}

/** Type, enum, pattern, bounds: any change of the values that an existing field takes. */
function valueChanges(before: JsonSchema, now: JsonSchema, at: string): string[] {
  const keywords = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return keywords
    .filter((keyword) => !WORDS.has(keyword) && !STRUCTURE.has(keyword))
    .filter((keyword) => canonical(before[keyword]) !== canonical(now[keyword]))
    .map(
      (keyword) =>
        `${at}: ${keyword} was ${said(before[keyword])} and is ${said(now[keyword])}; ` +
        'an existing field keeps its values',
    );
}

function fieldChanges(before: JsonSchema, now: JsonSchema, at: string): string[] {
  return Object.entries(before.properties ?? {}).flatMap(([name, field]) => {
    const present = now.properties?.[name];
    const path = `${at}.${name}`;
    if (present === undefined)
      return [`${path}: the field is gone; a renamed field is sent under both names until the next major version`];
    const lost = before.required?.includes(name) === true && now.required?.includes(name) !== true;
    const missing = lost
      ? [`${path}: was always there and may now be missing; send null, [] or {} as docs/payload.md promises`]
      : [];
    return [...missing, ...schemaChanges(field, present, path)];
  });
}

/** `items` and `additionalProperties`: the shape of what a list or a free object holds. */
function partChanges(
  before: JsonSchema,
  now: JsonSchema,
  part: 'items' | 'additionalProperties',
  at: string,
): string[] {
  const old = before[part];
  const present = now[part];
  if (typeof old === 'object' && typeof present === 'object') return schemaChanges(old, present, at);
  return canonical(old) === canonical(present) ? [] : [`${at}: was ${said(old)} and is ${said(present)}`];
}

type OpenApi = {
  readonly webhooks: Readonly<Record<string, unknown>>;
  readonly components: { readonly parameters: Readonly<Record<string, HeaderParameter>> };
};
type HeaderParameter = { readonly name: string; readonly required: boolean; readonly schema: JsonSchema };

/** Of the OpenAPI document only the headers: its bodies are the schemas, and its other words explain. */
function openApiChanges(before: OpenApi, now: OpenApi | undefined): string[] {
  const present = Object.values(now?.components.parameters ?? {});
  return Object.values(before.components.parameters).flatMap((header) => {
    const same = present.find(({ name }) => name.toLowerCase() === header.name.toLowerCase());
    const at = `header ${header.name}`;
    if (same === undefined) return [`${at}: is gone`];
    const missing = header.required && !same.required ? [`${at}: was always there and may now be missing`] : [];
    return [...missing, ...schemaChanges(header.schema, same.schema, at)];
  });
}

/** JSON with keys and lists of words in one order, so that a mere reordering is no change. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value.map((item) => canonical(item)).sort());
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  return JSON.stringify(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  );
}

function said(value: unknown): string {
  return value === undefined ? 'not limited' : JSON.stringify(value);
}
