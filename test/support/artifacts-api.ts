/** A call engine's artifacts API, as TOPCALLS_ARTIFACTS_URL expects it: every call's artifacts are ready at once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts it on a free port, of loopback unless `host` is another address. With `isHeld` it answers no request that
 *  comes before `release()`, then or later. */
export async function startArtifactsApi({ isHeld = false, host = '127.0.0.1' } = {}): Promise<{
  readonly url: string;
  readonly asked: () => number;
  release(): void;
  close(): Promise<void>;
}> {
  let asked = 0;
  let holds = isHeld;
  const server = createServer((request, response) => {
    asked += 1;
    if (holds) return;
    const callId = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    const created_at = '2025-12-22T10:30:05Z';
    const transcript = [{ id: 1, user: 'assistant', text: `This is ${callId}.`, created_at }];
    const recording_url = `https://recordings.example.com/${callId}.mp3`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ recording_url, transcript, call_summary: 'Appointment confirmed.' }));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked: () => asked,
    release: () => {
      holds = false;
    },
    url: `http://${host}:${port}/api`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
