/** When a client certificate ends, from the connection's options. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { certificateEndsAt } from '../../../../cli/environment/client-certificate.ts';
import { readTemporalProfile } from '../../../../temporal-server/profile.ts';
import { EXPIRED_CERTIFICATE, RECEIVER_KEY, VALID_CERTIFICATE } from '../../../support/hostile-certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'topcalls-certificate-'));
/** So that the machine's own profile is not read. */
const config = join(folder, 'temporal.toml');
writeFileSync(config, '[profile.default]\n');
afterAll(() => rmSync(folder, { recursive: true }));

const optionsWith = (certificate: string) =>
  readTemporalProfile({
    TEMPORAL_CONFIG_FILE: config,
    TEMPORAL_TLS_CLIENT_CERT_DATA: certificate,
    TEMPORAL_TLS_CLIENT_KEY_DATA: RECEIVER_KEY,
  }).connection;

test('the end is that of the certificate, of several the first', () => {
  expect(certificateEndsAt(optionsWith(VALID_CERTIFICATE))).toBe('2120-01-01T00:00:00.000Z');
  expect(certificateEndsAt(optionsWith(`${VALID_CERTIFICATE}\n${EXPIRED_CERTIFICATE}`))).toBe(
    '2120-01-01T00:00:00.000Z',
  );
});

test('without a certificate, with an API key, or with one that nobody can read there is no end', () => {
  expect(certificateEndsAt({})).toBeUndefined();
  expect(certificateEndsAt({ tls: true })).toBeUndefined();
  expect(certificateEndsAt({ tls: null })).toBeUndefined();
  const key = readTemporalProfile({ TEMPORAL_CONFIG_FILE: config, TEMPORAL_API_KEY: 'key-1' }).connection;
  expect(certificateEndsAt(key)).toBeUndefined();
  expect(certificateEndsAt(optionsWith('no certificate'))).toBeUndefined();
});
