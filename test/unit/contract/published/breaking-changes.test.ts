/** What the gate stops, each with the sentence it says. */
import { describe, expect, it } from '@jest/globals';
import { breakingChanges } from '../../../../scripts/contract/breaking-changes.ts';
import { after, CALL, present } from './changed-contract.ts';

describe('the gate stops', () => {
  it.each<[string, (schema: any) => void, string]>([
    [
      'a field that goes away',
      (schema) => {
        delete schema.properties.lead_id;
      },
      'call.completed.lead_id: the field is gone',
    ],
    [
      'a field that is renamed',
      (schema) => {
        schema.properties.leadId = schema.properties.lead_id;
        delete schema.properties.lead_id;
      },
      'call.completed.lead_id: the field is gone',
    ],
    [
      'a field that may newly be missing',
      (schema) => {
        schema.required = schema.required.filter((name: string) => name !== 'duration');
      },
      'call.completed.duration: was always there and may now be missing',
    ],
    [
      'a narrower type',
      (schema) => {
        schema.properties.answered_by.type = 'string';
      },
      'call.completed.answered_by: type was ["string","null"] and is "string"',
    ],
    [
      'a wider type',
      (schema) => {
        schema.properties.call_status.type = ['string', 'null'];
      },
      'call.completed.call_status: type was "string" and is ["string","null"]',
    ],
    [
      'a unit that changes its type',
      (schema) => {
        schema.properties.duration.type = 'integer';
      },
      'call.completed.duration: type was ["number","null"] and is "integer"',
    ],
    [
      'a word less in a list of words',
      (schema) => {
        schema.properties.artifacts.properties.summary.enum.pop();
      },
      'call.completed.artifacts.summary: enum was',
    ],
    [
      'a new word in a list of words',
      (schema) => {
        schema.properties.artifacts.properties.summary.enum.push('lost');
      },
      'call.completed.artifacts.summary: enum was',
    ],
    [
      'a longer text',
      (schema) => {
        schema.properties.phone_number.maxLength = 2_048;
      },
      'call.completed.phone_number: maxLength was 1024 and is 2048',
    ],
    [
      'a new bound',
      (schema) => {
        schema.properties.duration.maximum = 60;
      },
      'call.completed.duration: maximum was not limited and is 60',
    ],
    [
      'another form of time',
      (schema) => {
        schema.properties.created_at.pattern = '.*';
      },
      'call.completed.created_at: pattern was',
    ],
    [
      'a change inside each line of a list',
      (schema) => {
        delete schema.properties.transcript.items.properties.user;
      },
      'call.completed.transcript[].user: the field is gone',
    ],
    [
      'free data that is free no more',
      (schema) => {
        schema.properties.metadata.additionalProperties = { type: 'string' };
      },
      'call.completed.metadata.*: was true and is {"type":"string"}',
    ],
    [
      'fields that may no longer be added',
      (schema) => {
        schema.additionalProperties = false;
      },
      'call.completed.*: was true and is false',
    ],
  ])('%s', (_what, change, message) => {
    expect(after(change)).toEqual([expect.stringContaining(message)]);
  });

  it('an event that goes away', () => {
    const changed = present();
    changed.delete(CALL);
    expect(breakingChanges(present(), changed)).toEqual([expect.stringContaining('call.completed: the event is gone')]);
  });

  it.each<[string, (openapi: any) => void, string]>([
    [
      'a header that goes away',
      (openapi) => {
        delete openapi.components.parameters.WebhookId;
      },
      'header webhook-id: is gone',
    ],
    [
      'a header that may newly be missing',
      (openapi) => {
        openapi.components.parameters.WebhookId.required = false;
      },
      'header webhook-id: was always there and may now be missing',
    ],
    [
      'a header of another form',
      (openapi) => {
        openapi.components.parameters.TopCallsSignature.schema.pattern = '^[0-9a-f]+$';
      },
      'header X-TopCalls-Signature: pattern was',
    ],
  ])('%s', (_what, change, message) => {
    expect(after(change, 'openapi.json')).toEqual([expect.stringContaining(message)]);
  });
});
