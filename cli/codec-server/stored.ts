/** References to payloads that a host's external storage keeps (docs/big-bodies.md). The codec server has the keys, and
 *  no driver to fetch them, so it says where they are. */
import type { Payload, PayloadCodec } from '@temporalio/common';

const REFERENCE = 'temporal.api.sdk.v1.ExternalStorageReference';

/** Decodes what is encrypted. One reference among the payloads of a page must not make all of them unreadable. */
export async function decodedBeside(codec: PayloadCodec, payloads: readonly Payload[]): Promise<Payload[]> {
  const sealed = payloads.filter((payload) => !isReference(payload));
  const opened = (await codec.decode(sealed)).values();
  return payloads.map((payload) => (isReference(payload) ? inWords(payload) : (opened.next().value ?? payload)));
}

function isReference({ metadata }: Payload): boolean {
  return textOf(metadata?.['messageType']) === REFERENCE;
}

function inWords({ data }: Payload): Payload {
  const words = `stored outside of Temporal, in the external storage ${storageIn(textOf(data))}; it is not shown here`;
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(words)) };
}

/** The name of the driver, as a JSON text. */
function storageIn(reference: string): string {
  try {
    const { driverName } = JSON.parse(reference) as { driverName?: unknown };
    return JSON.stringify(String(driverName).slice(0, 64));
  } catch {
    return 'of the host';
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
