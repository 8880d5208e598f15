/** The call engine: an artifacts API as the compose file's TOPCALLS_ARTIFACTS_URL wants one, and calls that end. */
import { createServer } from 'node:http';

/** Every call's recording, transcript and summary, ready at once; resolves with the API's URL. */
export async function startArtifactsApi() {
  const server = createServer((request, response) => {
    const callId = decodeURIComponent(request.url.split('/').at(-1));
    const transcript = [{ id: 1, user: 'assistant', text: `This is ${callId}.`, created_at: '2025-12-22T10:30:05Z' }];
    const recording_url = `https://recordings.example.com/${callId}.mp3`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ recording_url, transcript, call_summary: 'Appointment confirmed.' }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/api`;
}

/** A call that ended; `status` is completed or failed. */
export function endedCall(callId, status, change) {
  const completed = status === 'completed';
  return {
    call_id: callId,
    status,
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    call_status: completed ? 'completed' : 'no-answer',
    duration: completed ? 2.5 : 0,
    answered_by: completed ? 'human' : null,
    created_at: '2025-12-22T10:30:00Z',
    started_at: '2025-12-22T10:30:05Z',
    end_at: '2025-12-22T10:32:35Z',
    metadata: { source: 'topology' },
    ...change,
  };
}

/** Ends `count` calls, 20 reports at a time: every fourth has failed. Resolves with their handles and the calls. */
export async function endCalls(webhooks, count, change, onEnded) {
  const calls = Array.from({ length: count }, (_, index) =>
    endedCall(`${change.campaign_id}-${index + 1}`, index % 4 === 3 ? 'failed' : 'completed', change),
  );
  const handles = [];
  const waiting = calls.values();
  const lane = async () => {
    for (const call of waiting) {
      handles.push(await webhooks.callEnded(call));
      onEnded(handles.length);
    }
  };
  await Promise.all(Array.from({ length: 20 }, lane));
  return { calls, handles };
}
