/** Workflow ids: plain ASCII, short enough for every server, and never the same for two ids. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { callWorkflowId, campaignWorkflowId, encodedId, isId, searchableId } from '../../../contract/workflow-id.ts';
import { sha256 } from '../../../contract/sha256.ts';

describe('workflow ids', () => {
  it('are made of the call id alone', () => {
    expect(callWorkflowId('564d4fd4-03bc-400a-abe0-05540fbeff88')).toBe(
      'call-webhook/564d4fd4-03bc-400a-abe0-05540fbeff88',
    );
  });

  it('are made of campaign, event and occurrence', () => {
    expect(campaignWorkflowId('camp_1', 'campaign.started')).toBe('campaign-webhook/camp_1/campaign.started');
    expect(campaignWorkflowId('camp_1', 'campaign.paused', '2')).toBe('campaign-webhook/camp_1/campaign.paused/2');
  });

  it.each([
    ['AZaz09._:-', 'AZaz09._:-'],
    ['a84b4c76e66710@pc33.example.com', 'a84b4c76e66710%40pc33.example.com'],
    ['room/42', 'room%2F42'],
    ['100% sure?', '100%25%20sure%3F'],
    ["!'()*~", '%21%27%28%29%2A%7E'],
    ['a\nb\u001b[2J', 'a%0Ab%1B%5B2J'],
    ['Grüße 👋', 'Gr%C3%BC%C3%9Fe%20%F0%9F%91%8B'],
    ['half \uD83D', 'half%20%EF%BF%BD'],
  ])('%j is percent-encoded: %s', (id, encoded) => {
    expect(callWorkflowId(id)).toBe(`call-webhook/${encoded}`);
    expect(campaignWorkflowId(id, 'campaign.paused', id)).toBe(
      `campaign-webhook/${encoded}/campaign.paused/${encoded}`,
    );
  });

  it('shorten an id that would not fit into the tables of a server, and keep its beginning', () => {
    const id = '/'.repeat(200);
    expect(callWorkflowId(id)).toBe(`call-webhook/${'%2F'.repeat(18)}~${hashOf(id)}`);
    expect(callWorkflowId('x'.repeat(200))).toBe(`call-webhook/${'x'.repeat(200)}`);
  });

  it('are at most 255 plain characters, whatever the ids', () => {
    fc.assert(
      fc.property(anId(), anId(), fc.boolean(), (id, occurrence, isAgain) => {
        const ids = [
          callWorkflowId(id),
          campaignWorkflowId(id, 'campaign.completed', isAgain ? occurrence : undefined),
        ];
        for (const each of ids) {
          expect(each.length).toBeLessThanOrEqual(255);
          expect(each).toMatch(/^(call|campaign)-webhook(\/[A-Za-z0-9._:%~-]+)+$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('are never the same for two ids', () => {
    fc.assert(
      fc.property(anId(), anId(), anId(), anId(), (one, other, first, second) => {
        if (one !== other) expect(callWorkflowId(one)).not.toBe(callWorkflowId(other));
        if (one === other && first === second) return;
        const paused = (id: string, occurrence: string) => campaignWorkflowId(id, 'campaign.paused', occurrence);
        expect(paused(one, first)).not.toBe(paused(other, second));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [255, 21, 179],
    [256, 22, 177],
    [613, 200, 0],
  ])('of %i characters with %i escapes: whole up to 255, else it ends in a hash', (length, escapes, letters) => {
    const id = `${'x'.repeat(letters)}${'/'.repeat(escapes)}`;
    const whole = `call-webhook/${'x'.repeat(letters)}${'%2F'.repeat(escapes)}`;
    expect(whole).toHaveLength(length);
    const made = callWorkflowId(id);
    expect(made.length).toBeLessThanOrEqual(255);
    expect([made === whole, made.endsWith(`~${hashOf(id)}`)]).toEqual(length <= 255 ? [true, false] : [false, true]);
  });

  it('of long ids that differ in one character are different', () => {
    const long = 'é'.repeat(199);
    expect(callWorkflowId(`${long}a`)).not.toBe(callWorkflowId(`${long}b`));
  });
});

describe('an id', () => {
  it.each([
    ['a', true],
    ['room/42', true],
    [' ', true],
    ['ä\u0000', true],
    ['x'.repeat(200), true],
    ['x'.repeat(201), false],
    ['', false],
  ])('may be %j: %p', (id, isAllowed) => {
    expect(isId(id)).toBe(isAllowed);
  });

  it('of plain characters is shown as it is', () => {
    expect(encodedId('A-Z.a_z:0-9')).toBe('A-Z.a_z:0-9');
  });
});

it('an id as search attributes have it is plain, at most 255 characters, and never that of another id', () => {
  expect(searchableId('camp_1')).toBe('camp_1');
  expect(searchableId("a'b")).toBe('a%27b');
  fc.assert(
    fc.property(anId(), anId(), (one, other) => {
      expect(searchableId(one)).toMatch(/^[A-Za-z0-9._:%~-]{1,255}$/);
      if (one !== other) expect(searchableId(one)).not.toBe(searchableId(other));
    }),
  );
});

it('sha256 is what node:crypto computes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    }),
  );
});

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

/** Ids that are almost the same, or of any characters. Half characters all become the same one, so there are none. */
function anId(): fc.Arbitrary<string> {
  const unit = fc.constantFrom('a', '/', '%', '~', '2', 'F', 'é', '你');
  const near = fc.string({ unit, minLength: 1, maxLength: 200 });
  return fc
    .oneof(near, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }))
    .filter((id) => isId(id) && id.isWellFormed() && !id.includes('\u0000'));
}
