/**
 * The URL rules, in their order, each with its own reason code. Called when a call or campaign is configured, and again
 * before each attempt because the policy may have changed. Names are judged by form only. Their addresses are judged by
 * the connector, where the socket opens.
 */
import { judgeAddress } from './address-table.ts';
import type { EgressPolicy } from './policy.ts';
import { parseAddress } from './ip-address.ts';
import { MAX_URL_LENGTH } from '../limits.ts';
import { parseUrl } from '../parse-url.ts';

/** Rules in the order in which they are applied, each with the sentence that people read. The URL is in none of
 *  them. */
export const URL_RULES = {
  url_length: `the URL must have 1 to ${MAX_URL_LENGTH} characters`,
  url_chars: 'the URL must not contain control characters, spaces or backslashes; percent-encode them',
  url_parse: 'the URL must be absolute and parse by the WHATWG URL standard',
  scheme: 'the URL must start with https:// (http:// only where the egress option allowHttp is set)',
  userinfo: 'the URL must not contain a user name or password',
  port:
    'the port must be one that the fetch standard does not block, ' +
    'and one of the egress option allowedPorts where that is set',
  address:
    'the address must be public: private, loopback, link-local and reserved ones need the egress option allowCidrs',
  host_trailing_dot: 'the host name must not end with a dot',
  host_chars:
    'the host name must have labels of 1 to 63 letters, digits, hyphens or underscores, 253 characters in all',
  host_single_label: 'the host name must contain a dot; bare names need the egress option allowHosts',
  host_special:
    'the host name must be a public one; localhost, .local, .internal and the like need the egress option allowHosts',
} as const;

/** The rule that a URL breaks. Stable: records and errors contain it. */
export type UrlRuleCode = keyof typeof URL_RULES;

/** What `judgeWebhookUrl` answers. `host` and `hostname` are those of the URL class (`hostname` of an IPv6 literal has
 *  brackets); `port` is the effective one. */
export type UrlVerdict =
  | {
      readonly ok: true;
      readonly href: string;
      readonly host: string;
      readonly hostname: string;
      readonly port: number;
    }
  | { readonly ok: false; readonly code: UrlRuleCode; readonly rule: string };

/** Whether a webhook may be sent to this URL, as far as its text tells; never throws.
 *  judgeWebhookUrl('https://0x7f.1/hook', policy) → { ok: false, code: 'address', rule: '…' }. */
export function judgeWebhookUrl(text: string, policy: EgressPolicy): UrlVerdict {
  // A poisoned input may break our types. It must end as refused, not as a TypeError that is tried again.
  if (typeof text !== 'string') return broken('url_parse');
  if (text.length < 1 || text.length > MAX_URL_LENGTH) return broken('url_length');
  if (STRIPPED_OR_BENT.test(text)) return broken('url_chars');
  const url = parseUrl(text);
  if (url === undefined) return broken('url_parse');
  if (url.protocol !== 'https:' && !(policy.allowHttp && url.protocol === 'http:')) return broken('scheme');
  if (url.username !== '' || url.password !== '' || EMPTY_USERINFO.test(text)) return broken('userinfo');
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol] : Number(url.port);
  if (isPortBlocked(port) || policy.allowedPorts?.includes(port) === false) return broken('port');
  const code = isLiteral(url.hostname) ? judgeLiteral(url.hostname, policy) : judgeName(url.hostname, policy);
  if (code !== undefined) return broken(code);
  return { ok: true, href: url.href, host: url.host, hostname: url.hostname, port };
}

/** Whether a URL's hostname is an IP address. Asked after parsing only: the parser has turned 0x7f.1, 2130706433, ①②⑦.1
 *  and %31%32%37.1 into dotted form by then. */
export function isLiteral(hostname: string): boolean {
  return hostname.startsWith('[') || parseAddress(hostname) !== undefined;
}

/** The text of an address without the brackets that URLs put around IPv6. */
export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
}

/** Whether the fetch standard forbids this port ("bad port"); 0 included. */
export function isPortBlocked(port: number): boolean {
  return BLOCKED_PORTS.has(port);
}

// Parsers strip tabs and newlines, trim spaces and turn backslashes into slashes. The checked text would then not be
// what is sent to.
const STRIPPED_OR_BENT = /[\p{Cc} \\]/u;
// `https://@host/`: the parser drops an empty userinfo without a trace, and a reader takes the left part for the host.
const EMPTY_USERINFO = /^[^:/?#]*:\/*[^/?#]*@/;
const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 };
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Names that never lead to the public DNS. Sources: RFC 6761, 6762, 7686, 9476, ICANN's reservation of .internal. */
const SPECIAL_NAMES: ReadonlySet<string> = new Set(['localhost', 'local', 'internal', 'arpa', 'onion', 'alt']);

function judgeLiteral(hostname: string, policy: EgressPolicy): UrlRuleCode | undefined {
  return judgeAddress(withoutBrackets(hostname), policy) === 'allowed' ? undefined : 'address';
}

function judgeName(hostname: string, policy: EgressPolicy): UrlRuleCode | undefined {
  if (hostname.endsWith('.')) return 'host_trailing_dot';
  const labels = hostname.split('.');
  if (hostname.length > 253 || !labels.every((label) => LABEL.test(label))) return 'host_chars';
  if (policy.allowHosts.includes(hostname)) return undefined;
  if (labels.length === 1) return 'host_single_label';
  return SPECIAL_NAMES.has(labels.at(-1) ?? '') ? 'host_special' : undefined;
}

function broken(code: UrlRuleCode): UrlVerdict {
  return { ok: false, code, rule: URL_RULES[code] };
}

/** Source: fetch standard, "port blocking". */
const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
]);
