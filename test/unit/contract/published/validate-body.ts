/** Holds a body against the published JSON Schema of its event, and against zod's. */
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { bodySchemas, type EventName } from '../../../../contract/index.ts';
import { embeddedSchemas } from '../../../../scripts/contract/json-schemas.ts';

type Body = Readonly<Record<string, unknown>> & { readonly event: EventName };

const SCHEMAS = embeddedSchemas();
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats(ajv);

/** By event name. */
export const VALIDATORS = new Map(Object.entries(SCHEMAS).map(([event, schema]) => [event, ajv.compile(schema)]));

/** What is wrong with a body, by the published schema and by zod's. Undefined if both accept it. */
export function wrongWith(text: string): unknown {
  const body = JSON.parse(text) as Body;
  const validate = VALIDATORS.get(body.event)!;
  if (!validate(body)) return validate.errors;
  const parsed = bodySchemas[body.event].safeParse(body);
  if (!parsed.success) return parsed.error.issues;
  const undocumented = Object.keys(body).filter((field) => SCHEMAS[body.event].properties?.[field] === undefined);
  return undocumented.length > 0 ? { undocumented } : undefined;
}
