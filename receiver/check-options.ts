/** Checks the options of a receiver when it is made. It refuses mistakes that would lose webhooks silently. For
 *  example, a handler of a misspelt event is never called, but its webhook is still answered 200. */
import { EVENT_NAMES } from '../contract/event-types.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import type { ReceiveOptions } from './receive-options.ts';
import type { SeenEvents } from './seen-events.ts';

const OPTIONS: readonly (keyof ReceiveOptions)[] = [
  'secret',
  'on',
  'onUnknown',
  'seen',
  'maxBodyBytes',
  'timeoutMs',
  'claimMs',
  'log',
  'toleranceSeconds',
  'allowBodyOnlySignature',
  'now',
];

/** Throws TypeError that names what is wrong and what is allowed. It does not check secrets: they may be absent when a
 *  build only loads the module. */
export function checkOptions(options: ReceiveOptions): void {
  checkOptionNames('receive', options, OPTIONS);
  const lacks = options.seen === undefined ? [] : STORE_METHODS.filter((name) => !hasMethod(options.seen, name));
  if (lacks.length > 0)
    throw wrong(`seen has no function ${lacks.join(', ')}; a store has ${STORE_METHODS.join(', ')}`);
  const on: unknown = options.on;
  if (typeof on === 'function') return;
  if (typeof on !== 'object' || on === null) throw wrong(`on is ${kindOf(on)}; ${HANDLERS}`);
  const entries = Object.entries(on).filter(([, handler]) => handler !== undefined);
  if (entries.length === 0 && options.onUnknown === undefined) throw wrong(`on has no handler; ${HANDLERS}`);
  for (const [name, handler] of entries) {
    if (!(EVENT_NAMES as readonly string[]).includes(name)) {
      throw wrong(
        `on has a handler of ${JSON.stringify(name)}, which is no event; events are ${EVENT_NAMES.join(', ')}`,
      );
    }
    if (typeof handler !== 'function') throw wrong(`on[${JSON.stringify(name)}] is ${kindOf(handler)}; ${HANDLERS}`);
  }
}

const HANDLERS = 'it must be a function, or an object with a function per event: { "call.completed": (call) => … }';

const STORE_METHODS: readonly (keyof SeenEvents)[] = ['claim', 'done', 'release'];

/** A method may come from a class, so inherited ones count. */
function hasMethod(store: unknown, name: keyof SeenEvents): boolean {
  return typeof (store as Partial<SeenEvents> | null)?.[name] === 'function';
}

function wrong(problem: string): TypeError {
  return new TypeError(`receive: ${problem}`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : `of type ${typeof value}`;
}
