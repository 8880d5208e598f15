/** The form of the lab's rows: what a receiver does to a sender, and how the attempt must end. */
import type { TlsOptions } from 'node:tls';
import type { Verdict } from '../../activities/http/verdict.ts';
import type { Behaviour, HostileReceiver } from './hostile-receiver.ts';

/** One way of misbehaving, and how one attempt at it must end. */
export type Variant = {
  readonly does: string;
  readonly behave: Behaviour;
  readonly verdict: Verdict;
  /** The reason code. Several, if it depends on the operating system. */
  readonly code: string | readonly string[];
  readonly tls?: TlsOptions;
  /** Default `http`, with `tls` `https`. */
  readonly scheme?: 'http' | 'https';
  /** Default 127.0.0.1. A name resolves to it, except for `silent` and `missing`, which do what they say. */
  readonly host?: string;
  readonly body?: string;
  /** Attempts, one after the other. Default 1. */
  readonly posts?: number;
  /** Connections it accepts in all. Default one a post. */
  readonly connections?: number;
  /** The receiver stops listening before the attempt. */
  readonly stopped?: boolean;
  /** What else must be true of the receiver afterwards. */
  readonly also?: (receiver: HostileReceiver) => boolean;
};

export type Row = { readonly row: string; readonly title: string; readonly variants: readonly Variant[] };

/** The attempt fails with this code, and the ladder goes on. */
export const retry = (
  does: string,
  behave: Behaviour,
  code: Variant['code'],
  more: Partial<Variant> = {},
): Variant => ({
  does,
  behave,
  verdict: 'retry',
  code,
  ...more,
});
/** The status line was a 2xx: delivered, whatever comes after it. */
export const delivered = (does: string, behave: Behaviour, code = 'http_200'): Variant => ({
  does,
  behave,
  verdict: 'delivered',
  code,
});
/** Waits for the request, then acts. */
export const afterRequest = (act: Behaviour): Behaviour => {
  return async (socket, requestSeen) => {
    await requestSeen;
    await act(socket, requestSeen);
  };
};
/** Which of the two it is depends on what the operating system has read by then. */
export const LOST = ['connection_reset', 'connection_closed'];
/** Requests that came. */
export const requestsAt = (receiver: HostileReceiver): number => receiver.received().match(/POST \/hook/g)?.length ?? 0;
