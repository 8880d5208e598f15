/**
 * The generated parts of docs/payload.md: a table of fields and a sample body per event, between the marks
 * `<!-- fields: call.completed -->` or `<!-- sample: call.completed -->` and `<!-- end -->`. The words between are written
 * by hand. Pure; a test holds the page against it.
 */
import { MAX_ID_LENGTH } from '../../contract/workflow-id.ts';
import type { JsonSchema } from './json-schemas.ts';

/** The page with every marked part made anew. Throws where a mark names nothing we have. */
export function fillPayloadPage(
  page: string,
  schemas: Readonly<Record<string, JsonSchema>>,
  samples: Readonly<Record<string, string>>,
): string {
  return page.replaceAll(
    /(?<open><!-- (?<kind>fields|sample): (?<name>\S+) -->\n)[\s\S]*?(?<close><!-- end -->)/g,
    (...match) => {
      const { open, kind, name, close } = match.at(-1) as Record<'open' | 'kind' | 'name' | 'close', string>;
      const part = kind === 'fields' ? fieldsTable(known(schemas, name)) : sampleBlock(known(samples, name));
      return `${open}${part}\n${close}`;
    },
  );
}

function known<T>(things: Readonly<Record<string, T>>, name: string): T {
  const thing = things[name];
  if (thing === undefined)
    throw new Error(`docs/payload.md marks a part ${name}, which is none of: ${Object.keys(things).join(', ')}`);
  return thing;
}

function fieldsTable(schema: JsonSchema): string {
  return ['| field | type | what it is |', '|---|---|---|', ...rowsOf(schema, '')].join('\n');
}

/** Rows of an object's fields, each followed by the fields inside it: `artifacts.recording`, `transcript[].text`. */
function rowsOf({ properties = {} }: JsonSchema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const row = `| \`${path}\` | ${typeOf(field)} | ${field.description ?? ''} |`;
    return [row, ...rowsOf(field, `${path}.`), ...(field.items === undefined ? [] : rowsOf(field.items, `${path}[].`))];
  });
}

function typeOf(field: JsonSchema): string {
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum !== undefined) return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  const types = [field.type ?? []].flat().map((type) => (type === 'string' ? kindOfString(field) : type));
  const most = field['maxLength'];
  const size = typeof most === 'number' && most !== MAX_ID_LENGTH ? `, at most ${most} characters` : '';
  return `${types.join(' or ')}${size}`;
}

/** The page explains what an id and a time look like. */
function kindOfString(field: JsonSchema): string {
  if (field.format === 'date-time') return 'time';
  return field['maxLength'] === MAX_ID_LENGTH ? 'id' : 'string';
}

function sampleBlock(body: string): string {
  return `\`\`\`json\n${JSON.stringify(JSON.parse(body), undefined, 2)}\n\`\`\``;
}
