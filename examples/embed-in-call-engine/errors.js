/** Errors of the engine, and the HTTP answer to each error, ours and the package's. */
import { InvalidInputError, WebhookClientError } from '@topcalls/webhooks/client';

/** There is no call or campaign with this id. */
export class NotFoundError extends Error {
  code = 'not_found';
}

/** Refuses a body that lacks one of these texts, in the same words as the package does. @param {string} what
 *  @param {Record<string, any>} body @param {readonly string[]} fields */
export function requireTexts(what, body, fields) {
  const missing = fields.filter((field) => typeof body[field] !== 'string' || body[field] === '');
  const problems = missing.map((field) => ({ field, problem: 'must be a filled string' }));
  if (problems.length > 0) throw new InvalidInputError(what, problems);
}

/** Codes that the caller can solve. @type {Readonly<Record<string, number>>} */
const STATUS_OF = {
  not_found: 404,
  unknown_endpoint: 404,
  still_running: 409,
  already_delivered: 409,
  id_of_another_account: 409,
  input_too_large: 413,
  history_gone: 410,
};

/** The error handler, which Express recognises by its four parameters. @param {any} error
 *  @param {import('express').Request} request @param {import('express').Response} response
 *  @param {import('express').NextFunction} _next */
export function answerError(error, request, response, _next) {
  const problems = problemsOf(error, request.body);
  if (problems !== undefined) {
    response.status(400).json({ error: 'invalid_input', problems });
  } else if (error instanceof WebhookClientError || error instanceof NotFoundError) {
    // Temporal is down: the caller may make the same request again.
    const otherwise = error instanceof WebhookClientError && error.retryable ? 503 : 500;
    response.status(STATUS_OF[error.code] ?? otherwise).json({ error: error.code, message: error.message });
  } else if (error.expose === true) {
    // An error of Express: the body is not JSON, or too large.
    response.status(error.status).json({ error: 'bad_request', message: error.message });
  } else {
    console.error(`${request.method} ${request.path}: ${error.message}`);
    response.status(500).json({ error: 'internal' });
  }
}

/** The problems of the request, field by field; undefined where the request is not the cause. @param {any} error
 *  @param {any} body */
function problemsOf(error, body) {
  // PostgreSQL's foreign_key_violation, by a constraint such as calls_account_id_fkey.
  if (error.code === '23503') {
    const field = /_(\w+_id)_fkey$/.exec(error.constraint)?.[1];
    return [{ field, problem: 'there is none with this id' }];
  }
  if (!(error instanceof InvalidInputError)) return undefined;
  return error.problems.map((problem) => ({ ...problem, ...receivedFor(problem.field, body) }));
}

/** The package never repeats a value, since errors end up in logs. We may repeat one to its sender, if it is no secret.
 *  @param {string} field @param {Record<string, any>} body */
function receivedFor(field, body) {
  const name = field.split('[')[0] ?? '';
  return ['webhook_url', 'webhook_events'].includes(name) ? { received: body?.[name] } : {};
}
