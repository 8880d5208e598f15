/**
 * Reads the webhook settings of an ended call or a campaign event. Each endpoint is read alone: whatever is wrong with
 * one never stops another. What can be repaired is repaired, and everything odd is told. Pure.
 */
import { kindOf } from '../canonical-json.ts';
import type { ConfigLevel } from '../event-types.ts';
import { sentPart, type EndpointSource } from '../endpoints.ts';
import { given } from '../given.ts';
import { MAX_ENDPOINT_SETTINGS, MAX_SETTINGS_TEXT_LENGTH, MAX_TEXT_LENGTH } from '../limits.ts';
import { eventsOf, type TellOfEvents } from './event-list.ts';
import { FirstFew } from './first-few.ts';
import { MAX_COMPARED_KEYS, nearMisses } from './near-misses.ts';
import { looksLikeSecret } from '../secret-reference.ts';

/** Something odd in the settings. `problem` says what came, what is allowed and what becomes of it. It never holds the
 *  value of a URL or of a reference.
 *  - `repaired`: it was read in a way that makes sense
 *  - `unknown_field`: a field that does not exist, with almost the name of one that is missing
 *  - `endpoint_skipped`: it is not the settings of an endpoint, so no webhook goes there
 *  - `endpoint_refused`: the endpoint's delivery ends refused
 *  - `unknown_event`: a name that no event has; it is ignored
 *  - `no_url`: settings of a campaign or an account have no `webhook_url` */
export type SettingsWarning = {
  readonly code: 'repaired' | 'unknown_field' | 'endpoint_skipped' | 'endpoint_refused' | 'unknown_event' | 'no_url';
  readonly field: string;
  readonly problem: string;
};

/** Settings of one endpoint as they came. Nothing about them is certain. */
type RawSettings = {
  readonly webhook_url?: unknown;
  readonly webhook_events?: unknown;
  readonly secret_ref?: unknown;
};

/** The webhook settings of a call as they came. */
export type RawCallSettings = RawSettings & { readonly campaign?: unknown; readonly endpoints?: unknown };

/** The endpoints that the settings name, first the call's own, then its campaign's, then the account's. */
export type ReadSettings = {
  readonly sources: readonly EndpointSource[];
  readonly warnings: readonly SettingsWarning[];
};

/** Reads the settings of a call, its campaign and its account. Never throws. */
export function readCallSettings(call: RawCallSettings): ReadSettings {
  const reader = new SettingsReader();
  reader.read('call', call, '');
  reader.guarded('campaign', () => reader.campaign(call.campaign));
  reader.guarded('endpoints', () => reader.endpoints(call.endpoints));
  return reader;
}

/** Reads the settings that a campaign event brings. Never throws. */
export function readCampaignSettings(campaign: RawSettings): ReadSettings {
  const reader = new SettingsReader();
  reader.read('campaign', campaign, '');
  return reader;
}

/** Most oddities of one report that are told one by one. */
const MAX_WARNINGS = 24;
const FIELDS = ['webhook_url', 'webhook_events', 'secret_ref'] as const;
const ENTRY_RULE = 'allowed is { webhook_url, webhook_events?, secret_ref? }';

class SettingsReader implements ReadSettings {
  readonly sources: EndpointSource[] = [];
  readonly #warnings = new FirstFew<SettingsWarning>(MAX_WARNINGS, (count) => {
    return { code: 'endpoint_skipped', field: 'endpoints', problem: `${count} more oddities among the settings` };
  });
  /** All settings of a report share it. A report may have thousands of keys at each of many endpoints. */
  #keysLeft = MAX_COMPARED_KEYS;

  get warnings(): readonly SettingsWarning[] {
    return this.#warnings.all;
  }

  /** Settings of one endpoint. `at` is the path before its fields: '', 'campaign.' or 'endpoints[2].'. */
  read(level: ConfigLevel, settings: RawSettings, at: string): void {
    this.guarded(at === '' ? 'webhook_url' : at.slice(0, -1), () => {
      const { webhook_url, webhook_events, secret_ref } = settings;
      const tellOfEvents: TellOfEvents = (code, problem) => this.#tell(code, `${at}webhook_events`, problem);
      const events = eventsOf(level, webhook_events, tellOfEvents);
      const secret = this.#secret(secret_ref, `${at}secret_ref`);
      // The fields of a call itself have been looked at together with its data.
      if (at !== '') this.#nearMisses(settings, at);
      // Null says "no endpoint" on purpose. A missing field may be a typing error. Most calls have no endpoint of
      // their own.
      if (webhook_url === undefined && level !== 'call') {
        this.#tell('no_url', `${at}webhook_url`, 'is missing, so no webhook goes there');
      }
      if (webhook_url === undefined || webhook_url === null) return;
      // Not `instanceof`, which throws for a revoked proxy.
      const url = kindOf(webhook_url) === 'an instance of URL' ? (webhook_url as URL).href : webhook_url;
      const text = typeof url === 'string' ? urlText(url) : `(${kindOf(url)})`;
      this.sources.push({ level, webhook_url: text, ...given({ webhook_events: events }), ...secret });
    });
  }

  campaign(campaign: unknown): void {
    const settings = this.#parsed(campaign, 'campaign');
    if (settings === undefined || settings === null) return;
    if (isSettings(settings)) this.read('campaign', settings, 'campaign.');
    else this.#skip('campaign', settings);
  }

  endpoints(endpoints: unknown): void {
    const list = this.#parsed(endpoints, 'endpoints');
    if (list === undefined || list === null) return;
    if (isSettings(list)) {
      this.#tell('repaired', 'endpoints', 'an object, read as a list of one; allowed is a list');
      this.read('account', list, 'endpoints[0].');
    } else if (!Array.isArray(list)) {
      this.#skip('endpoints', list);
    } else {
      const { length } = list;
      // Not forEach: a list may have holes.
      for (let index = 0; index < Math.min(length, MAX_ENDPOINT_SETTINGS); index += 1) {
        this.guarded(`endpoints[${index}]`, () => this.#entry(list[index], index));
      }
      if (length <= MAX_ENDPOINT_SETTINGS) return;
      const problem = `${length} entries; the first ${MAX_ENDPOINT_SETTINGS} are read, the others get no webhook`;
      this.#tell('endpoint_skipped', 'endpoints', problem);
    }
  }

  /** Does `work`, which may meet getters and proxies of the host that throw. */
  guarded(field: string, work: () => void): void {
    try {
      work();
    } catch {
      this.#tell('endpoint_skipped', field, `reading it threw an error, so no webhook goes there; ${ENTRY_RULE}`);
    }
  }

  #nearMisses(settings: RawSettings, at: string): void {
    const missing = FIELDS.filter((name) => settings[name] === undefined);
    const keys = this.#keysLeft > 0 ? Object.keys(settings).slice(0, this.#keysLeft) : [];
    this.#keysLeft -= keys.length;
    for (const { key, meant } of nearMisses(keys, FIELDS, missing)) {
      this.#tell('unknown_field', `${at}${key}`, `is no field, ${meant} is: it is ignored`);
    }
  }

  #entry(entry: unknown, index: number): void {
    if (isSettings(entry)) this.read('account', entry, `endpoints[${index}].`);
    else this.#skip(`endpoints[${index}]`, entry);
  }

  #skip(field: string, value: unknown): void {
    this.#tell('endpoint_skipped', field, `${kindOf(value)}, so no webhook goes there; ${ENTRY_RULE}`);
  }

  #tell(code: SettingsWarning['code'], field: string, problem: string): void {
    this.#warnings.add({ code, field, problem });
  }

  /** Database columns bring settings as JSON text. */
  #parsed(value: unknown, field: string): unknown {
    if (typeof value !== 'string' || !/^\s*[[{]/.test(value) || value.length > MAX_SETTINGS_TEXT_LENGTH) return value;
    try {
      const parsed: unknown = JSON.parse(value);
      this.#tell('repaired', field, `${kindOf(value)}, read as JSON; allowed is the value itself`);
      return parsed;
    } catch {
      return value;
    }
  }

  #secret(value: unknown, field: string): Pick<EndpointSource, 'secret_ref' | 'refusal'> {
    // '' means no reference: forms and database columns send it.
    if (value === undefined || value === null || value === '') return {};
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) {
      this.#tell('repaired', field, `a ${typeof value}, read as text; allowed is a text`);
      return { secret_ref: String(value) };
    }
    const isText = typeof value === 'string';
    if (isText && looksLikeSecret(value)) {
      const advice = 'pass the name under which SigningSecrets.forEndpoint finds it, and replace the secret';
      this.#tell('endpoint_refused', field, `is a secret, so this endpoint ends refused; ${advice}`);
      return { refusal: 'secret_in_reference' };
    }
    if (isText && value.length <= MAX_TEXT_LENGTH) return { secret_ref: value };
    const rule = `allowed is a text of 1 to ${MAX_TEXT_LENGTH} characters`;
    this.#tell('endpoint_refused', field, `${kindOf(value)}, so this endpoint ends refused; ${rule}`);
    return { refusal: 'secret_ref_invalid' };
  }
}

/** The URL as it was written, since the URL rules must see characters that a parser would remove. Fragments are never
 *  sent. A secret in the wrong field is kept out of the history, too. */
function urlText(text: string): string {
  const url = sentPart(text);
  return looksLikeSecret(url) ? '(a secret)' : url;
}

function isSettings(value: unknown): value is RawSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
