/** The headers of one attempt. The sender makes them, and the client tells afterwards what they were. Pure. */
import { SENT_HEADERS } from './headers.ts';
import { VERSION } from './version.ts';

/** The headers of one attempt except its signatures, spelled as they are sent. The sender adds Host, Content-Length
 *  and `Connection: close`. */
export function unsignedHeaders(attempt: {
  readonly webhookId: string;
  readonly event: string;
  /** From 1 up. */
  readonly number: number;
  /** Unix seconds. */
  readonly timestampSeconds: number;
}) {
  return {
    'Content-Type': 'application/json',
    // Web application firewalls block requests without it.
    Accept: '*/*',
    'User-Agent': `TopCalls-Webhooks/${VERSION}`,
    [SENT_HEADERS.id]: attempt.webhookId,
    [SENT_HEADERS.timestamp]: String(attempt.timestampSeconds),
    [SENT_HEADERS.event]: attempt.event,
    [SENT_HEADERS.attempt]: String(attempt.number),
  } as const;
}
