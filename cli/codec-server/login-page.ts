/** The codec server's one page: a person enters the token, so that their browser may decode for the Web UI. */

/** The page. `words` says how the login went. It loads nothing and runs no script. */
export function loginPage(words: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Codec server: log in</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 4em auto; padding: 0 1em }
input { width: 100% }
</style>
<h1>Codec server</h1>
<p>${words}</p>
<form method="post" action="/login">
<p><label>Token (TOPCALLS_CODEC_TOKEN)<br>
<input type="password" name="token" autocomplete="off" required autofocus></label></p>
<p><button>Log in for 12 hours</button></p>
</form>
</html>
`;
}

/** Headers of the page: no script, no frame around it, nothing in caches and referrers. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
} as const;

/** The field `token` of the form's body. */
export function tokenIn(body: string): string {
  return new URLSearchParams(body).get('token') ?? '';
}

/** Enough for a form with one token. */
export const MAX_FORM_BYTES = 4_096;
