/** URLs that lead where no webhook may go, in every spelling that once fooled a check. PORT stands for a port. */

/** The host is a forbidden address once the URL is parsed. */
export const LITERAL_URLS: readonly string[] = [
  // Loopback in decimal, octal, hexadecimal, mixed, short, padded.
  ...hosts(`
    127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.0.0.1 0x7F.1 0177.0.0.1 017700000001
    0177.0x0.0.1 0000000000177.1 0x00000000000000007f.1 127.0x000001 127.0.0.1. 0x7f000001. 2130706433.
  `),
  // The unspecified address, which Linux connects to loopback.
  ...hosts(`
    0 0x 00 0.0.0.0 0.0 0x0.0x0.0x0.0x0
  `),
  // Full-width, circled, mathematical digits; ideographic dots; percent-encoding; both.
  ...hosts(`
    １２７.0.0.1 ①②⑦.⓪.⓪.① 𝟏𝟐𝟕.𝟎.𝟎.𝟏 127。0。0。1 127．0｡0.1 ０ｘ7ｆ.1 %31%32%37.0.0.1 %30x7f.1 127%2E0%2E0%2E1
    %EF%BC%91%EF%BC%92%EF%BC%97.0.0.1 127.0.0.%31
  `),
  // Soft hyphen and zero-width space, which the parser drops.
  ...hosts(`
    127.0.0.1%C2%AD 127.0.0%E2%80%8B.1
  `),
  // Metadata services.
  ...hosts(`
    169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 025177524776 169.254.43518 169.16689662
    169.254.169.254. %3169.254.169.254 １６９.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 192.0.0.192
  `),
  // Private, shared, reserved.
  ...hosts(`
    10.0.0.1 167772161 012.0.0.1 0xa.1 172.16.0.1 0254.020.0.1 192.168.1.1 0xc0.0xa8.1.1 3232235777 100.64.0.1
    198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 4294967295
  `),
  // IPv6: loopback, unspecified, full and short, upper and lower case.
  ...hosts(`
    [::1] [::] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0.0.0.1] [0::1]
  `),
  // IPv4 inside: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP.
  ...hosts(`
    [::ffff:127.0.0.1] [::FFFF:7F00:1] [0:0:0:0:0:ffff:7f00:1] [::ffff:0.0.0.0] [::ffff:a9fe:a9fe]
    [::127.0.0.1] [::7f00:1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::7f00:1]
    [2002:7f00:1::] [2002:7f00:1::1] [2002:a9fe:a9fe::] [fe80::5efe:7f00:1]
    [2001:0:4136:e378:8000:63bf:80ff:fffe] [2001:0:7f00:1::]
  `),
  // Link-local, site-local, unique local, multicast, discard, documentation.
  ...hosts(`
    [fe80::1] [fec0::1] [fc00::1] [fd00:ec2::254] [fd20:ce::254] [ff02::1] [100::1] [2001:db8::1] [3fff::1]
  `),
  // What looks like the host is userinfo, path, query or fragment. Slashes of another shape or number, and control
  // characters.
  'http://example.com@127.0.0.1:PORT/',
  'http://example.com:80@127.0.0.1:PORT/',
  'http://example.com:443%2Fhook@[::1]:PORT/',
  'http://@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT#@example.com/',
  'http://127.0.0.1:PORT?@example.com/',
  'http://127.0.0.1:PORT\\@example.com/',
  'http:127.0.0.1:PORT/',
  'http:/127.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT/',
  'http:////127.0.0.1:PORT/',
  'HTTP://127.0.0.1:PORT/',
  ' http://127.0.0.1:PORT/ ',
  'http://127.0\t.0\n.1:PORT/',
  'https://127.0.0.1:PORT/',
  'https://[::ffff:7f00:1]:PORT/',
];

/** The host is a name, and the tests' name server answers loopback for each of them. */
export const NAME_URLS: readonly string[] = [
  ...hosts(`
    localhost LOCALHOST localhost. foo.localhost localhost.localdomain ⓛⓞⓒⓐⓛⓗⓞⓢⓣ l%6fcalhost 127.0.0.1.nip.io
    7f000001.rbndr.us hooks.example.com hooks.example.com. xn--bcher-kva.example intranet printer.local
    metadata.google.internal kubernetes.default.svc 1.0.0.127.in-addr.arpa
  `),
];

/** The parser refuses these. A looser one, such as a resolver's or curl's, would not. */
export const UNREADABLE_URLS: readonly string[] = [
  ...hosts(`
    [fe80::1%25lo] [::1%25lo] [fe80::1%lo] [::1 ::1 [127.0.0.1] [::ffff:127.1] [::ffff:0x7f.1]
    127.0.0.1%00.example.com 127.0.0.1%20 127.0.0.1%2F 127.0.0.256 1.2.3.4.127.0.0.1 0x7g.1 09.0.0.1
  `),
];

/** A URL for each host of a list with spaces between. */
function hosts(text: string): string[] {
  return text
    .trim()
    .split(/\s+/)
    .map((host) => `http://${host}:PORT/hook`);
}
