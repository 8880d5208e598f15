/** A receiver whose log lines and calls a test can look at. */
import { receive } from '../../../receiver/index.ts';
import type { ReceiveOptions, ReceiverAnswer, ReceiverLogLine } from '../../../receiver/index.ts';
import { secondsLater, SECRET } from './signed-request.ts';

/** A receiver that keeps its log lines, at the time of the golden vector. */
export function aReceiver(change: Partial<ReceiveOptions> = {}) {
  const lines: ReceiverLogLine[] = [];
  const calls: unknown[] = [];
  const receiver = receive({
    secret: SECRET,
    now: secondsLater(1),
    on: (event) => void calls.push(event),
    log: (line) => void lines.push(line),
    ...change,
  });
  return { receiver, lines, calls };
}

/** What an answer's body says. */
export const said = ({ body }: ReceiverAnswer): unknown => JSON.parse(body);

/** A promise with its resolve and reject outside. */
export function aPromise() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}
