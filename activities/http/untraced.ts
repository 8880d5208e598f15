/**
 * Keeps the host's tracing out of a customer's request. Sentry, OpenTelemetry and others listen to undici's
 * diagnostics channel. At each new request they add headers (`traceparent`, `sentry-trace`, `baggage`) and write the
 * whole URL into a span. A webhook has no custom headers, and its path or query may hold a customer's token.
 */
import { channel } from 'node:diagnostics_channel';

/** Where undici announces a request. It looks for subscribers in the same step in which `request()` is called. */
const CREATED = channel('undici:request:create');

/** Calls `send`, which must make its request at once, and hides that request from every subscriber. Other requests are
 *  announced as before: nothing else can run in between. */
export function untraced<T>(send: () => T): T {
  Object.defineProperty(CREATED, 'hasSubscribers', { value: false, configurable: true });
  try {
    return send();
  } finally {
    Reflect.deleteProperty(CREATED, 'hasSubscribers');
  }
}
