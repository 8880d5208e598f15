/** What the gate allows: receivers ignore what they do not know. */
import { describe, expect, it } from '@jest/globals';
import { breakingChanges } from '../../../../scripts/contract/breaking-changes.ts';
import { after, CALL, present } from './changed-contract.ts';

describe('the gate lets pass', () => {
  it.each<[string, (schema: any) => void]>([
    ['nothing at all', () => {}],
    [
      'a new field, always sent',
      (schema) => {
        schema.properties.sentiment = { type: 'string' };
        schema.required.push('sentiment');
      },
    ],
    [
      'a new field that may be missing',
      (schema) => {
        schema.properties.sentiment = { type: 'string' };
      },
    ],
    [
      'a new field inside a field',
      (schema) => {
        schema.properties.artifacts.properties.notes = { type: 'string' };
      },
    ],
    [
      'a new field in each line of a list',
      (schema) => {
        schema.properties.transcript.items.properties.ms = { type: 'number' };
      },
    ],
    [
      'better words',
      (schema) => {
        schema.description = 'better';
        schema.properties.duration.description = 'better';
        schema.properties.duration.examples = [3];
        schema.properties.duration.deprecated = true;
      },
    ],
    [
      'another order of fields and words',
      (schema) => {
        schema.properties = Object.fromEntries(Object.entries(schema.properties).toReversed());
        schema.required.reverse();
        schema.properties.artifacts.properties.recording.enum.reverse();
      },
    ],
  ])('%s', (_what, change) => {
    expect(after(change)).toEqual([]);
  });

  it('a new event', () => {
    const changed = present();
    changed.set('schemas/call.started.schema.json', structuredClone(changed.get(CALL)));
    expect(breakingChanges(present(), changed)).toEqual([]);
  });

  it('a new header', () => {
    expect(
      after((openapi) => {
        openapi.components.parameters.More = { name: 'X-More', required: true, schema: {} };
      }, 'openapi.json'),
    ).toEqual([]);
  });
});
