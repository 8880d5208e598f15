/** Asks the host's secret store for the secrets of one endpoint. Its answer may have any shape. */
import type { SecretSet, SigningSecrets } from './ports/signing-secrets.ts';
import { errorFacts, type PortErrorFacts } from './port-error.ts';
import { within } from './within.ts';

/** A secret store slower than this counts as down. */
const SECRETS_DEADLINE_MS = 5_000;

/** What a look-up found. `refused`: the reference is wrong, so nothing will ever be sent. `not_sent`: a fault of ours,
 *  so it is asked again. `facts`: what may be logged of the fault. */
export type FoundSecrets =
  | { readonly is: 'found'; readonly secrets: SecretSet }
  | { readonly is: 'refused'; readonly code: 'secret_unknown' | 'secret_empty' }
  | {
      readonly is: 'not_sent';
      readonly code: 'secret_store_down' | 'secret_store_odd' | 'secret_store_missing';
      readonly facts: PortErrorFacts;
    };

/** Looks up `ref`. Never throws. Undefined or null: unknown. A plain text is taken as the current secret. */
export async function lookUpSecrets(secrets: SigningSecrets | undefined, ref: string): Promise<FoundSecrets> {
  try {
    if (typeof secrets?.forEndpoint !== 'function') {
      return { is: 'not_sent', code: 'secret_store_missing', facts: { error: 'no_port' } };
    }
    const answer: unknown = await within('the secret store', SECRETS_DEADLINE_MS, () => secrets.forEndpoint(ref));
    return judge(answer);
  } catch (error) {
    return { is: 'not_sent', code: 'secret_store_down', facts: errorFacts(error) };
  }
}

function judge(answer: unknown): FoundSecrets {
  if (answer === undefined || answer === null) return { is: 'refused', code: 'secret_unknown' };
  const { current, previous }: { current?: unknown; previous?: unknown } =
    typeof answer === 'object' ? answer : { current: answer };
  if (current === '') return { is: 'refused', code: 'secret_empty' };
  if (typeof current === 'string') return { is: 'found', secrets: { current, previous: filledTexts(previous) } };
  return { is: 'not_sent', code: 'secret_store_odd', facts: { error: `current_is_${kindOf(current)}` } };
}

/** Only the kind of an odd value is told, since the value may be a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

/** Each one adds a signature of 47 characters to a header, and a rotation needs one or two. The newest come first. */
const MAX_PREVIOUS_SECRETS = 9;

/** The filled texts among `previous`. A host's store may return anything; a bad entry must not stop the current
 *  secret. */
function filledTexts(previous: unknown): string[] {
  return Array.isArray(previous)
    ? previous
        .filter((secret): secret is string => typeof secret === 'string' && secret !== '')
        .slice(0, MAX_PREVIOUS_SECRETS)
    : [];
}
