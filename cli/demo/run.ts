/** Runs the demo: opens the stage, plays, shows the table of final states, and closes everything again. */
import { randomBytes } from 'node:crypto';
import { WebhookClient } from '../../client/index.ts';
import type { WebhookHandle } from '../../client/index.ts';
import { DemoArtifactSource } from './artifacts.ts';
import { play } from './play.ts';
import type { Played } from './play.ts';
import { demoScenarios, fasterLadder, keepsPromise } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';
import { answersOf } from './words.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import { catchInterrupts } from '../process/interrupts.ts';
import { openLocalStage } from './local-stage.ts';
import type { LocalStage } from './local-stage.ts';
import type { Terminal } from '../process/terminal.ts';
import { plainTable } from '../process/plain-table.ts';

/** Options of `demo`. */
export type DemoOptions = {
  /** How many times faster than the vendor's ladder. */
  readonly speed: number;
  readonly keepOpen: boolean;
  /** Whether to start a server although one runs already. */
  readonly ownServer: boolean;
  readonly json: boolean;
};

/** Runs the demo to its end. Resolves with the exit code: 0 when every call ended as promised, 130 after Ctrl-C. */
export async function runDemo(
  { speed, keepOpen, ownServer, json }: DemoOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const run = randomBytes(3).toString('hex');
  const show = new DemoVoice(terminal);
  const handles: WebhookHandle[] = [];
  // A task queue of its own: on the same server a worker of `dev`, or a real one, has other secrets.
  const taskQueue = `topcalls-webhooks-demo-${run}`;
  const stage = await openLocalStage({
    terminal,
    taskQueue,
    artifacts: new DemoArtifactSource({
      lateSummaries: [`demo-${run}-completed`],
      onLate: (callId) => show.about(callId, 'the summary is not there yet: asked again in 5 s'),
    }),
    onRequest: ({ callId, event, status, note }) => show.about(callId, `receiver: ${event}, ${note} → ${status}`),
    server: { reuse: !ownServer },
  });
  // Caught only now: while a server is fetched and started, Ctrl-C ends the process and its children at once.
  const { signal, interrupted, release } = catchInterrupts();
  try {
    const retryDelaysMs = fasterLadder(speed);
    const scenarios = demoScenarios(run, stage.receiver.url, stage.secretRef);
    sayStage(terminal, stage, speed, retryDelaysMs);
    const { client, searchAttributes, running, linkTo } = stage;
    const webhooks = new WebhookClient(client, { taskQueue, retryDelaysMs: [...retryDelaysMs], searchAttributes });
    const onStarted = (handle: WebhookHandle, { name, story }: Scenario): void => {
      handles.push(handle);
      terminal.say(
        `  ${terminal.colors.bold(name.padEnd(10))} ${story}\n  ${' '.repeat(10)} ${linkTo(handle.workflowId)}`,
      );
    };
    show.begin(scenarios);
    const tell = show.tell.bind(show);
    const playing = play({ webhooks, scenarios, retryDelaysMs, terminal, signal, tell, onStarted });
    // When the worker fails, its error is the news. That the play then finds its stage closed is none.
    playing.catch(() => {});
    const played = await Promise.race([playing, running.then(() => playing)]);
    sayEnd(terminal, played, json);
    if (keepOpen) {
      const { webUiUrl, address } = stage.temporal;
      terminal.say(`\nStill up: ${webUiUrl ?? address}. Ctrl-C takes everything down.`);
      await interrupted;
    }
    return played.every(({ scenario, status }) => keepsPromise(scenario, status)) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.live('');
    terminal.say('interrupted: taking everything down');
    await endRuns(stage, handles);
    return EXIT.interrupted;
  } finally {
    await stage.close();
    release();
  }
}

/** Says lines, each with the time since the calls ended and the scenario's name. */
class DemoVoice {
  readonly #terminal: Terminal;
  #scenarios: readonly Scenario[] = [];
  #startedAt = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  begin(scenarios: readonly Scenario[]): void {
    this.#scenarios = scenarios;
    this.#startedAt = Date.now();
  }

  about(callId: string, line: string): void {
    const scenario = this.#scenarios.find(({ call }) => call.call_id === callId);
    if (scenario !== undefined) this.tell(scenario, line);
  }

  tell({ name }: Scenario, line: string): void {
    const seconds = ((Date.now() - this.#startedAt) / 1_000).toFixed(1).padStart(5);
    this.#terminal.say(`${this.#terminal.colors.dim(`${seconds} s`)}  ${name.padEnd(10)} ${line}`);
  }
}

function sayStage(terminal: Terminal, stage: LocalStage, speed: number, retryDelaysMs: readonly number[]): void {
  const { temporal, receiver } = stage;
  const waits = retryDelaysMs.map((ms) => `${Math.round(ms / 100) / 10} s`).join(', ');
  terminal.say();
  terminal.say(`Temporal   ${temporal.address}, ${temporal.how}`);
  if (temporal.webUiUrl !== undefined) terminal.say(`Web UI     ${terminal.colors.cyan(temporal.webUiUrl)}`);
  terminal.say(`Worker     this process; may reach 127.0.0.1, which a real one must not`);
  terminal.say(`Receiver   ${receiver.url} (${receiver.framework}, pid ${receiver.pid})`);
  terminal.say(`Ladder     at once, then after ${waits}${speed === 1 ? '' : `: the real one, ${speed} times as fast`}`);
  terminal.say('\nFour calls end:');
}

function sayEnd(terminal: Terminal, played: readonly Played[], json: boolean): void {
  const rows = played.map(({ scenario, handle, status, endedAfterMs }) => ({
    name: scenario.name,
    workflowId: handle.workflowId,
    event: status?.event,
    promised: scenario.promises,
    state: status?.state,
    asPromised: keepsPromise(scenario, status),
    answers: answersOf(status?.deliveries[0]),
    endedAfterMs,
  }));
  terminal.say();
  if (json) return terminal.data(JSON.stringify(rows, undefined, 2));
  const cells = rows.map(({ name, event, answers, promised, state, asPromised, endedAfterMs }) => {
    const after = endedAfterMs === undefined ? 'not ended' : `${(endedAfterMs / 1_000).toFixed(1)} s`;
    return [name, event, answers, promised, `${state ?? '?'}${asPromised ? '' : '  ← not as promised'}`, after];
  });
  terminal.data(plainTable(['call', 'event', 'answers', 'promised', 'ended as', 'after'], cells));
}

/** On a server that keeps running, open runs would wait for ever for a worker of their task queue. */
async function endRuns(stage: LocalStage, handles: readonly WebhookHandle[]): Promise<void> {
  if (stage.temporal.started) return;
  const { workflow } = stage.client;
  // A run that has closed cannot be terminated. It needs nothing.
  await Promise.allSettled(
    handles.map(({ workflowId }) => workflow.getHandle(workflowId).terminate('demo interrupted')),
  );
}
