/** The URL rules, each with its code and in their order, with every spelling that once fooled a check. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_EGRESS_POLICY, LOOPBACK_EGRESS, parseEgressOptions } from '../../../contract/egress/policy.ts';
import type { EgressOptions, EgressPolicy } from '../../../contract/egress/policy.ts';
import { judgeWebhookUrl, URL_RULES } from '../../../contract/egress/url-rules.ts';
import type { UrlRuleCode, UrlVerdict } from '../../../contract/egress/url-rules.ts';

const codeOf = (text: string, options: EgressOptions = {}): UrlRuleCode | 'ok' => {
  const verdict = judgeWebhookUrl(text, parseEgressOptions(options));
  return verdict.ok ? 'ok' : verdict.code;
};

test.each([
  ['https://example.com', { href: 'https://example.com/', host: 'example.com', hostname: 'example.com', port: 443 }],
  [
    'HTTPS://EXAMPLE.com:8443/Hook?a=b',
    { href: 'https://example.com:8443/Hook?a=b', host: 'example.com:8443', port: 8443 },
  ],
  ['https://example.com:443/', { href: 'https://example.com/', port: 443 }],
  ['https://bücher.example/', { hostname: 'xn--bcher-kva.example' }],
  ['https://a_b.example.com/', { hostname: 'a_b.example.com' }],
  ['https://8.8.8.8/', { hostname: '8.8.8.8' }],
  ['https://[2a00:1450:4001::1]/', { hostname: '[2a00:1450:4001::1]' }],
  ['https://example.com/@me', { href: 'https://example.com/@me' }],
  ['https://example.com/?to=a@b', { href: 'https://example.com/?to=a@b' }],
  ['https://example.com/a%20b', { href: 'https://example.com/a%20b' }],
])('%s is fine', (text, expected) => {
  expect(judgeWebhookUrl(text, DEFAULT_EGRESS_POLICY)).toMatchObject({ ok: true, ...expected });
});

/** A host of so many characters: labels of one letter, and the last of two to four. */
function hostOf(length: number): string {
  const labels = 'a.'.repeat(Math.floor((length - 2) / 2));
  return labels + 'c'.repeat(length - labels.length);
}

describe('each rule', () => {
  const long = (length: number): string => `https://example.com/${'x'.repeat(length - 20)}`;
  test.each<[string, UrlRuleCode | 'ok']>([
    ['', 'url_length'],
    [long(2_048), 'ok'],
    [long(2_049), 'url_length'],
    [long(5_000_000), 'url_length'],
    [' https://example.com', 'url_chars'],
    ['https://example.com ', 'url_chars'],
    ['https://exa\tmple.com', 'url_chars'],
    ['https://exa\nmple.com', 'url_chars'],
    ['https://example.com/\r', 'url_chars'],
    ['https://example.com/\0', 'url_chars'],
    ['https://example.com/\x7f', 'url_chars'],
    ['https://example.com/\x85', 'url_chars'],
    ['https:\\\\example.com', 'url_chars'],
    ['https://example.com\\@127.0.0.1/', 'url_chars'],
    ['example.com', 'url_parse'],
    ['/hook', 'url_parse'],
    ['https://', 'url_parse'],
    ['https://example.com:99999', 'url_parse'],
    ['https://exa<mple.com', 'url_parse'],
    ['https://256.256.256.256', 'url_parse'],
    ['https://1.2.3.4.5', 'url_parse'],
    ['https://[::1', 'url_parse'],
    ['https://[fe80::1%25eth0]/', 'url_parse'],
    ['https://%00.example.com', 'url_parse'],
    ['http://example.com', 'scheme'],
    ['ftp://example.com', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['gopher://127.0.0.1/', 'scheme'],
    ['wss://example.com', 'scheme'],
    ['localhost:3000', 'scheme'],
    ['https://user@example.com', 'userinfo'],
    ['https://user:password@example.com', 'userinfo'],
    ['https://:password@example.com', 'userinfo'],
    ['https://@example.com', 'userinfo'],
    ['https://:@example.com', 'userinfo'],
    ['https:///@example.com', 'userinfo'],
    ['https:@example.com', 'userinfo'],
    ['https://example.com@127.0.0.1/', 'userinfo'],
    ['https://example.com:25', 'port'],
    ['https://example.com:0', 'port'],
    ['https://example.com:22', 'port'],
    ['https://example.com:6000', 'port'],
    ['https://example.com:6697', 'port'],
    ['https://example.com:10080', 'port'],
    ['https://example.com.', 'host_trailing_dot'],
    ['https://localhost.', 'host_trailing_dot'],
    ['https://a..example.com', 'host_chars'],
    ['https://-a.example.com', 'host_chars'],
    ['https://a-.example.com', 'host_chars'],
    ["https://a'b.example.com", 'host_chars'],
    ['https://a*b.example.com', 'host_chars'],
    ['https://a,b.example.com', 'host_chars'],
    [`https://${'a'.repeat(63)}.example.com`, 'ok'],
    [`https://${'a'.repeat(64)}.example.com`, 'host_chars'],
    [`https://${'a'.repeat(2_000)}.example.com`, 'host_chars'],
    [`https://${hostOf(253)}`, 'ok'],
    [`https://${hostOf(254)}`, 'host_chars'],
    [`https://${hostOf(2_000)}`, 'host_chars'],
    ['https://localhost', 'host_single_label'],
    ['https://LOCALHOST', 'host_single_label'],
    ['https://db', 'host_single_label'],
    ['https://a.localhost', 'host_special'],
    ['https://printer.local', 'host_special'],
    ['https://metadata.google.internal', 'host_special'],
    ['https://1.0.0.127.in-addr.arpa', 'host_special'],
    ['https://abc.onion', 'host_special'],
    ['https://abc.alt', 'host_special'],
    ['https://local.example.com', 'ok'],
    ['https://notlocalhost.com', 'ok'],
  ])('%j → %s', (text, expected) => {
    expect(codeOf(text)).toBe(expected);
  });
});

test('the first broken rule names the code', () => {
  const broken = [
    `x ${'x'.repeat(2_050)}`,
    'not a url\\',
    'not-a-url',
    'http://u:p@127.0.0.1:25',
    'https://u:p@127.0.0.1:25',
    'https://127.0.0.1:25',
    'https://127.0.0.1',
    'https://-a.local.',
    'https://-a.local',
    'https://localhost',
    'https://a.local',
  ];
  expect(broken.map((text) => codeOf(text))).toEqual(Object.keys(URL_RULES));
});

describe('options', () => {
  test('allowHttp takes http, and only http', () => {
    expect(codeOf('http://example.com', { allowHttp: true })).toBe('ok');
    expect(codeOf('ftp://example.com', { allowHttp: true })).toBe('scheme');
    expect(judgeWebhookUrl('http://example.com', parseEgressOptions({ allowHttp: true }))).toMatchObject({ port: 80 });
  });

  test('allowedPorts narrows, the default port included, and opens no blocked port', () => {
    const options = { allowedPorts: [8443, 25] };
    expect(codeOf('https://example.com:8443', options)).toBe('ok');
    expect(codeOf('https://example.com', options)).toBe('port');
    expect(codeOf('https://example.com:25', options)).toBe('port');
  });

  test('allowHosts exempts exactly the named hosts', () => {
    const options = { allowHosts: ['localhost', 'crm.internal'] };
    expect(codeOf('https://localhost', options)).toBe('ok');
    expect(codeOf('https://crm.internal', options)).toBe('ok');
    expect(codeOf('https://a.localhost', options)).toBe('host_special');
    expect(codeOf('https://other.internal', options)).toBe('host_special');
    expect(codeOf('https://localhost.', options)).toBe('host_trailing_dot');
  });

  test('allowHosts opens no address', () => {
    expect(codeOf('https://127.0.0.1', { allowHosts: ['127.0.0.1'] })).toBe('address');
  });

  test('the development options take loopback over http, and still no metadata', () => {
    expect(codeOf('http://localhost:3000/hook', LOOPBACK_EGRESS)).toBe('ok');
    expect(codeOf('http://127.0.0.1:3000/hook', LOOPBACK_EGRESS)).toBe('ok');
    expect(codeOf('http://[::1]:3000/hook', LOOPBACK_EGRESS)).toBe('ok');
    expect(codeOf('http://169.254.169.254/', LOOPBACK_EGRESS)).toBe('address');
    expect(codeOf('http://10.0.0.1/', LOOPBACK_EGRESS)).toBe('address');
  });
});

test('a rule is a sentence that never repeats the URL', () => {
  const verdict = judgeWebhookUrl('https://user:hunter2@example.com', DEFAULT_EGRESS_POLICY);
  expect(verdict).toEqual({ ok: false, code: 'userinfo', rule: 'the URL must not contain a user name or password' });
});

test.each([null, undefined, 7, {}, ['https://example.com']])(
  '%p, which a poisoned input may hold, gets a verdict',
  (value) => {
    const judgeAnything = judgeWebhookUrl as (text: unknown, policy: EgressPolicy) => UrlVerdict;
    expect(judgeAnything(value, DEFAULT_EGRESS_POLICY)).toMatchObject({ ok: false, code: 'url_parse' });
  },
);

test('any text gets a verdict, and what is accepted is accepted again as it was returned', () => {
  const texts = fc.oneof(fc.string(), fc.webUrl({ withFragments: true, withQueryParameters: true }));
  fc.assert(
    fc.property(texts, (text) => {
      const verdict = judgeWebhookUrl(text, DEFAULT_EGRESS_POLICY);
      if (verdict.ok) expect(judgeWebhookUrl(verdict.href, DEFAULT_EGRESS_POLICY)).toEqual(verdict);
    }),
  );
});
