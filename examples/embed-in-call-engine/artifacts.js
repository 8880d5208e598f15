/**
 * Recording, transcript and summary for the worker, which asks through `HttpArtifactSource`. This example invents them
 * from the time since the call's end. In a real engine other services make them.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { NotFoundError } from './errors.js';

/** @param {string} text */
const hash = (text) => createHash('sha256').update(text).digest();

/** Lets only the worker in: transcripts are personal data. @param {string} token
 *  @returns {import('express').RequestHandler} */
export function requireToken(token) {
  const expected = hash(`Bearer ${token}`);
  return (request, response, next) => {
    if (timingSafeEqual(hash(request.headers.authorization ?? ''), expected)) next();
    else response.status(401).json({ error: 'unauthorized' });
  };
}

/**
 * The artifacts that are ready by now. The worker asks for missing fields again, for a minute.
 * @param {import('pg').Pool} pool @param {string} callId @param {number} afterMs all are ready this long after the end
 * @returns {Promise<object>} Throws NotFoundError, which the worker reads as "not yet".
 */
export async function artifactsOf(pool, callId, afterMs) {
  const { rows } = await pool.query('select created_at, ended_at from calls where id = $1 and ended_at is not null', [
    callId,
  ]);
  if (rows[0] === undefined) throw new NotFoundError(`no ended call ${callId}`);
  const { created_at, ended_at } = rows[0];
  const done = (Date.now() - ended_at.getTime()) / afterMs;
  const line = { id: 1, user: 'assistant', text: 'Hi, this is a reminder.', created_at: created_at.toISOString() };
  return {
    ...(done >= 0.2 ? { recording_url: `https://recordings.example.com/${callId}.mp3` } : {}),
    ...(done >= 0.5 ? { transcript: [line] } : {}),
    ...(done >= 1 ? { call_summary: 'The appointment was confirmed.' } : {}),
  };
}
