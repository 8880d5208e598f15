/**
 * Keys and groups that cost a client time, of any size, made without looking for a prime. A client computes with the
 * numbers before it can know that no signature is right.
 */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { RECEIVER_KEY } from './hostile-certificates.ts';

/** `certificates` authorities above the leaf, each with an RSA key of `modulusBits` and an exponent of
 *  `exponentBits`. */
export type CostlyChain = {
  readonly certificates: number;
  readonly modulusBits: number;
  readonly exponentBits: number;
};

/** A finite-field group for Diffie-Hellman, in PEM. Its modulus is no prime, and no client checks. */
export function dhGroup(bits: number): string {
  return pem('DH PARAMETERS', sequence(integer(oddNumber(bits)), integer(Buffer.from([2]))));
}

/** A chain in PEM, leaf first. The leaf's key is `RECEIVER_KEY`. No signature is right. */
export function costlyChain({ certificates, modulusBits, exponentBits }: CostlyChain): string {
  const leafKey = createPublicKey(createPrivateKey(RECEIVER_KEY)).export({ type: 'spki', format: 'der' });
  const authorities = Array.from({ length: certificates }, (_, index) => {
    const spki = rsaKey(oddNumber(modulusBits), oddNumber(exponentBits));
    return certificate(`authority ${index + 1}`, `authority ${index + 2}`, spki, modulusBits);
  });
  return [certificate('receiver', 'authority 1', leafKey, modulusBits), ...authorities]
    .map((bytes) => pem('CERTIFICATE', bytes))
    .join('\n');
}

const RSA = sequence(objectId([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]), Buffer.from([5, 0]));
const SHA256_WITH_RSA = sequence(objectId([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), Buffer.from([5, 0]));
const COMMON_NAME = objectId([0x55, 0x04, 0x03]);
/** May sign certificates: basicConstraints CA:TRUE, critical. */
const EXTENSIONS = der(
  0xa3,
  sequence(
    sequence(objectId([0x55, 0x1d, 0x13]), Buffer.from([1, 1, 0xff]), der(4, Buffer.from([0x30, 3, 1, 1, 0xff]))),
  ),
);

function certificate(subject: string, issuer: string, publicKey: Buffer, signatureBits: number): Buffer {
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(8).fill(1, 0, 1)),
    SHA256_WITH_RSA,
    name(issuer),
    sequence(der(0x17, Buffer.from('200101000000Z')), der(0x18, Buffer.from('21200101000000Z'))),
    name(subject),
    publicKey,
    EXTENSIONS,
  );
  // Below any modulus; otherwise it is refused before anything is computed.
  const signature = randomBytes(signatureBits / 8).fill(1, 0, 1);
  return sequence(toBeSigned, SHA256_WITH_RSA, bitString(signature));
}

function rsaKey(modulus: Buffer, exponent: Buffer): Buffer {
  return sequence(RSA, bitString(sequence(integer(modulus), integer(exponent))));
}

/** Random, odd, with its highest bit set. */
function oddNumber(bits: number): Buffer {
  const bytes = randomBytes(bits / 8);
  bytes.writeUInt8(bytes.readUInt8(0) | 0x80, 0);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) | 1, bytes.length - 1);
  return bytes;
}

function name(text: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(text)))));
}

function integer(bytes: Buffer): Buffer {
  return der(2, bytes.readUInt8(0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function bitString(bytes: Buffer): Buffer {
  return der(3, Buffer.concat([Buffer.from([0]), bytes]));
}

function objectId(bytes: readonly number[]): Buffer {
  return der(6, Buffer.from(bytes));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
