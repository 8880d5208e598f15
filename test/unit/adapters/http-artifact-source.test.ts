import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ArtifactSourceError, HttpArtifactSource } from '../../../adapters/http-artifact-source.ts';

const expects = { recording: true, transcript: true, summary: true };
const line = { id: 0, user: 'assistant', text: 'Hello', created_at: '2024-01-15T10:30:06Z' };
const pending = { status: 'pending' };
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A calls API that answers every request with `answer`; gives the base URL and the requests it saw. */
async function callsApi(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: IncomingMessage[] = [];
  const listening = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}/api/v1`, host: `127.0.0.1:${port}`, seen };
}

function json(body: unknown, status = 200) {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

function poll(
  baseUrl: string,
  options: { callId?: string; token?: string; signal?: AbortSignal; maxAnswerBytes?: number } = {},
) {
  const { callId = 'call_1', signal = AbortSignal.timeout(10_000), ...rest } = options;
  return new HttpArtifactSource({ baseUrl, ...rest }).fetch({ callId, expects, signal });
}

describe('the HTTP artifact source', () => {
  test('asks for the call below the base URL, with the bearer token', async () => {
    const api = await callsApi(json({}));
    await poll(api.baseUrl, { callId: 'a:b.c-1', token: 'tok-1' });
    expect(api.seen[0]?.method).toBe('GET');
    expect(api.seen[0]?.url).toBe('/api/v1/calls/a%3Ab.c-1');
    expect(api.seen[0]?.headers.authorization).toBe('Bearer tok-1');
  });

  test('a base URL with a slash at its end means the same', async () => {
    const api = await callsApi(json({}));
    await poll(`${api.baseUrl}/`);
    expect(api.seen[0]?.url).toBe('/api/v1/calls/call_1');
    expect(api.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('what is there is ready', async () => {
    const api = await callsApi(
      json({ recording_url: 'https://r/1', transcript: [line], call_summary: 'Short.', extra: 1 }),
    );
    expect(await poll(api.baseUrl)).toEqual({
      recording: { status: 'ready', value: 'https://r/1' },
      transcript: { status: 'ready', value: [line] },
      summary: { status: 'ready', value: 'Short.' },
    });
  });

  test('what is missing, null or empty is pending', async () => {
    const api = await callsApi(json({ recording_url: null, transcript: [] }));
    expect(await poll(api.baseUrl)).toEqual({ recording: pending, transcript: pending, summary: pending });
  });

  test('the API can say that an artifact will never come, is not ready yet, or is ready and empty', async () => {
    const artifacts = {
      recording: { status: 'unavailable', reason: 'recording was off' },
      transcript: { status: 'ready' },
      summary: 'pending',
    };
    const api = await callsApi(json({ transcript: [], call_summary: 'half a', artifacts }));
    expect(await poll(api.baseUrl)).toEqual({
      recording: { status: 'unavailable', reason: 'recording was off' },
      transcript: { status: 'ready', value: [] },
      summary: pending,
    });
  });

  test('a status word that is not known means that waiting is pointless', async () => {
    const api = await callsApi(json({ artifacts: { recording: 'failed' } }));
    expect((await poll(api.baseUrl)).recording).toEqual({ status: 'unavailable', reason: 'failed' });
  });

  test('a value of another kind is handed on: the worker tells of it, and asks again until the deadline', async () => {
    const api = await callsApi(json({ recording_url: { href: 'x' }, transcript: 'Hello', call_summary: 7 }));
    expect(await poll(api.baseUrl)).toEqual({
      recording: { status: 'ready', value: { href: 'x' } },
      transcript: { status: 'ready', value: 'Hello' },
      summary: { status: 'ready', value: 7 },
    });
  });

  test.each([202, 404, 409, 425])('%i means that everything is pending', async (status) => {
    const api = await callsApi(json({ recording_url: 'https://r/1' }, status));
    expect(await poll(api.baseUrl)).toEqual({ recording: pending, transcript: pending, summary: pending });
  });

  test.each([410, 451])('%i means that nothing will ever come', async (status) => {
    const api = await callsApi(json({}, status));
    const unavailable = { status: 'unavailable', reason: `the source answered ${status}` };
    expect(await poll(api.baseUrl)).toEqual({ recording: unavailable, transcript: unavailable, summary: unavailable });
  });

  test.each([
    [400, 'artifact_source_configuration', 'check base URL and API'],
    [401, 'artifact_source_configuration', 'check the bearer token'],
    [403, 'artifact_source_configuration', 'check the bearer token'],
    [302, 'artifact_source_configuration', 'check base URL and API'],
    [408, 'artifact_source_down', '408'],
    [429, 'artifact_source_down', '429'],
    [500, 'artifact_source_down', '500'],
    [503, 'artifact_source_down', '503'],
  ])('%i is an error with the code %s that says host and status and no token', async (status, code, words) => {
    const api = await callsApi((_request, response) => response.writeHead(status, { location: '/elsewhere' }).end('x'));
    const error = await poll(api.baseUrl, { token: 'very-secret' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ArtifactSourceError);
    expect(error).toMatchObject({ code, status, host: api.host });
    expect((error as Error).message).toContain(`${api.host} answered ${status}`);
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).not.toContain('very-secret');
    expect(api.seen).toHaveLength(1);
  });

  test.each(['<html>', '[]', '"x"', ''])('a 200 with %j is an error and not an answer', async (text) => {
    const api = await callsApi((_request, response) => response.end(text));
    await expect(poll(api.baseUrl)).rejects.toMatchObject({ code: 'artifact_source_answer', status: 200 });
  });

  test('an endless answer is cut at the limit', async () => {
    const api = await callsApi((_request, response) => {
      const flood = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(flood));
    });
    await expect(poll(api.baseUrl, { maxAnswerBytes: 100_000 })).rejects.toThrow(/answered more than 100000 bytes/);
  });

  test('an answer of exactly the limit is read', async () => {
    const text = JSON.stringify({ call_summary: 'x'.repeat(100) });
    const api = await callsApi((_request, response) => response.end(text));
    const artifacts = await poll(api.baseUrl, { maxAnswerBytes: text.length });
    expect(artifacts.summary.status).toBe('ready');
  });

  test('the signal ends a poll that hangs, before and inside the answer', async () => {
    for (const hang of [() => {}, (_request: IncomingMessage, response: ServerResponse) => void response.write('{')]) {
      const api = await callsApi(hang);
      await expect(poll(api.baseUrl, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
        name: 'TimeoutError',
      });
      server?.closeAllConnections();
      server?.close();
    }
  });

  test('a source that does not listen is down', async () => {
    const api = await callsApi(json({}));
    await new Promise((resolve) => server?.close(resolve));
    await expect(poll(api.baseUrl)).rejects.toMatchObject({
      code: 'artifact_source_down',
      message: `artifact source ${api.host} did not answer (ECONNREFUSED)`,
    });
  });

  test.each(['.', '..'])('the call id %j asks for nothing, since a URL would climb with it', async (callId) => {
    const api = await callsApi(json({ recording_url: 'https://r/1' }));
    expect((await poll(api.baseUrl, { callId })).recording.status).toBe('unavailable');
    expect(api.seen).toHaveLength(0);
  });

  test.each([
    ['calls.internal', 'not an http or https URL'],
    ['ftp://calls.internal', 'not an http or https URL'],
    ['https://me:very-secret@calls.internal', 'credentials'],
    ['https://calls.internal?key=very-secret', 'query'],
  ])('the base URL %s is refused at construction, and not quoted', (baseUrl, words) => {
    expect(() => new HttpArtifactSource({ baseUrl })).toThrow(words);
    expect(() => new HttpArtifactSource({ baseUrl })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('very-secret') }),
    );
  });
});
