/** `--reason`: reason codes to narrow by, as a person types them. Pure. */
import { InvalidArgumentError } from 'commander';

/** `http_503`, `timeout_total`; `http_5xx` means every status from 500 to 599. */
const CODE = /^(?:http_[1-9](?:xx|\d\d)|(?!http_)[a-z][a-z0-9_]*)$/;

/** One value of `--reason`, behind those of before; commas may stand between several, too. Throws
 *  InvalidArgumentError: what is no code would find nothing, in silence. */
export function readReasons(text: string, before?: string): string {
  if (!text.split(',').every((code) => CODE.test(code))) {
    throw new InvalidArgumentError('Give a code like http_503, http_5xx or timeout_total: docs/errors.md lists them.');
  }
  return before === undefined ? text : `${before},${text}`;
}

/** Whether the code is one of those that were typed, or of a class among them. */
export function fitsReason(typed: string, code: string | undefined): boolean {
  const [, first] = /^http_(\d)\d\d$/.exec(code ?? '') ?? [];
  return typed.split(',').some((each) => each === code || (first !== undefined && each === `http_${first}xx`));
}

/** Every code that was typed, a class as all its statuses: for a log, which compares whole codes. */
export function exactReasons(typed: string): readonly string[] {
  return typed.split(',').flatMap((each) => {
    const [, first] = /^http_(\d)xx$/.exec(each) ?? [];
    return first === undefined ? [each] : Array.from({ length: 100 }, (_, at) => `http_${Number(first) * 100 + at}`);
  });
}
