/** The promise to receivers: the code of the vendor's page, unchanged, accepts every body we can make. */
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { callEndedSchema } from '../../../contract/index.ts';
import { renderCallBody } from '../../../contract/render-body.ts';
import { checkEvent, receive } from '../../../receiver/index.ts';
import { anAcceptedCall, someArtifacts } from '../../support/arbitrary-calls.ts';
import { secondsLater, SECRET, signedRequest } from './signed-request.ts';

const CALLS = 10_000;

type PageRequest = { readonly body: unknown; readonly headers: Readonly<Record<string, string>> };
type PageResponse = { status(code: number): { json(said: unknown): void } };
type PageHandler = (req: PageRequest, res: PageResponse) => void;

/** The page's block "Signature Verification", run as it stands: only its import becomes an argument. */
function pageHandler(): PageHandler {
  const page = readFileSync(join(__dirname, '../../vectors/seed-signature-verification.txt'), 'utf8');
  const code = page.replace("import crypto from 'crypto';", '');
  const handlers: PageHandler[] = [];
  const app = { post: (_path: string, handler: PageHandler) => handlers.push(handler) };
  // oxlint-disable-next-line typescript/no-implied-eval
  const run = new Function('crypto', 'app', 'WEBHOOK_SECRET', code) as (...given: unknown[]) => void;
  run(crypto, app, SECRET);
  const [handler] = handlers;
  if (handler === undefined) throw new Error('the page posts no handler');
  return handler;
}

/** Its answer: the code's own, or the 200 of the page's other example if it goes on to "Process webhook...". */
function answerOf(handler: PageHandler, body: string, headers: Readonly<Record<string, string>>): number {
  let status = 200;
  handler(
    // What express.json() hands over.
    { body: JSON.parse(body), headers },
    {
      status: (code) => {
        status = code;
        return { json: () => undefined };
      },
    },
  );
  return status;
}

test(`the page's code, our receiver and the schema accept the bodies of ${CALLS} generated calls`, async () => {
  const handler = pageHandler();
  const handled: unknown[] = [];
  const receiver = receive({ secret: SECRET, now: secondsLater(1), on: (event) => void handled.push(event.event) });
  let made = 0;
  await fc.assert(
    fc.asyncProperty(anAcceptedCall(), someArtifacts(), async (call, collected) => {
      made += 1;
      const parsed = callEndedSchema.parse(call);
      const event = parsed.status === 'completed' ? 'call.completed' : 'call.failed';
      const { body } = renderCallBody(parsed, event, collected, 1);
      const { headers } = signedRequest({ body, id: `msg_${made}` });
      expect(answerOf(handler, body, headers)).toBe(200);
      expect(await receiver.answer({ body, headers })).toMatchObject({ status: 200, code: 'handled' });
      expect(handled.at(-1)).toBe(event);
      expect(await checkEvent(JSON.parse(body))).toMatchObject({ ok: true });
    }),
    { numRuns: CALLS },
  );
  expect(handled).toHaveLength(CALLS);
});

test("the page's code refuses what it should", () => {
  const handler = pageHandler();
  const { body, headers } = signedRequest();
  expect(answerOf(handler, body.replace('2.5', '2.6'), headers)).toBe(401);
});
