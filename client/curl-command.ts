/** A command of a shell that sends a webhook again, for a developer who looks for a fault in a receiver. Pure. */
import { SENT_HEADERS } from '../contract/headers.ts';
import { unsignedHeaders } from '../contract/request-headers.ts';

/** The command. It sends the bytes of its stdin. What this side does not know is a variable of the shell:
 *  `$SIGNATURE`, `$STANDARD_SIGNATURE`, `$TIMESTAMP`, and without `url` `$WEBHOOK_URL`. A URL is quoted, so that
 *  nothing in it reaches the shell. */
export function curlCommand(request: {
  readonly url: string | undefined;
  readonly isSigned: boolean;
  readonly webhookId: string;
  readonly event: string;
  readonly number: number;
}): string {
  const { url, isSigned, webhookId, event, number } = request;
  const known = unsignedHeaders({ webhookId, event, number, timestampSeconds: 0 });
  const lines = [
    // curl would take [ ] { } of a URL for a pattern; it asks `Expect: 100-continue` before large bodies.
    'curl --globoff --http1.1 --request POST',
    `--url ${url === undefined ? '"$WEBHOOK_URL"' : shellQuoted(url)}`,
    ...Object.entries(known)
      .filter(([name]) => name !== SENT_HEADERS.timestamp)
      .map(([name, value]) => `--header ${shellQuoted(`${name}: ${value}`)}`),
    ...['Connection: close', 'Expect:'].map((header) => `--header ${shellQuoted(header)}`),
    `--header "${SENT_HEADERS.timestamp}: $TIMESTAMP"`,
    ...(isSigned
      ? [
          `--header "${SENT_HEADERS.legacySignature}: $SIGNATURE"`,
          `--header "${SENT_HEADERS.signature}: $STANDARD_SIGNATURE"`,
        ]
      : []),
    '--data-binary @-',
  ];
  return lines.join(' \\\n  ');
}

/** The text as one word of a POSIX shell, whatever it holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
