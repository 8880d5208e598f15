/** What the parent asks of each process of the bench, and the process's side of it. Answers come in the order of the
 *  questions. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { once } from 'node:events';

/** Processor time in ms, of all threads since the start, resident memory in MB, and records written so far. */
export type Usage = { readonly cpuMs: number; readonly rssMb: number; readonly recorded: number };

export type Child = {
  readonly pid: number;
  ask<Answer>(question: object): Promise<Answer>;
  usage(): Promise<Usage>;
  /** Resolves once it has ended. */
  end(): Promise<void>;
};

/** A POST to a receiver that hangs would hold it for longer. */
const END_MS = 3_000;

const ROOT = join(__dirname, '../..');

/** Starts a script of this folder. Resolves when it says that it is ready. */
export async function startChild(script: string, env: NodeJS.ProcessEnv): Promise<Child> {
  const loader = ['-r', join(ROOT, 'scripts/run-typescript.cjs')];
  const child = fork(join(__dirname, script), { env: { ...process.env, ...env }, execArgv: loader });
  const ask = <Answer>(question: object): Promise<Answer> => answerOf<Answer>(child, question);
  const gone = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code} at its start`)));
  });
  gone.catch(() => undefined);
  await Promise.race([once(child, 'message'), gone]);
  return {
    pid: Number(child.pid),
    ask,
    usage: () => ask({ ask: 'usage' }),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      const insist = setTimeout(() => child.kill('SIGKILL'), END_MS);
      if (child.connected) child.disconnect();
      await ended;
      clearTimeout(insist);
    },
  };
}

let asked = 0;

async function answerOf<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  asked += 1;
  const id = asked;
  return new Promise((resolve, reject) => {
    const onEnd = (): void => reject(new Error(`a process of the bench ended while it was asked`));
    const onMessage = (message: { readonly id?: number; readonly answer?: Answer }): void => {
      if (message.id !== id) return;
      child.off('message', onMessage);
      child.off('exit', onEnd);
      resolve(message.answer as Answer);
    };
    child.on('message', onMessage);
    child.once('exit', onEnd);
    child.send({ ...question, id });
  });
}

type Question = { readonly id: number; readonly ask: string };

/** The side of the process: says that it is ready, answers, and calls `onEnd` when its parent wants it to end or has
 *  died. */
export function answerParent(
  answers: Readonly<Record<string, (question: Question & Record<string, unknown>) => unknown>>,
  onEnd: () => void,
): void {
  process.setSourceMapsEnabled(false);
  process.on('message', (question: Question & Record<string, unknown>) => {
    void Promise.resolve(answers[question.ask]?.(question)).then((answer) =>
      process.send?.({ id: question.id, answer }),
    );
  });
  process.once('disconnect', onEnd);
  process.send?.('ready');
}

/** Answers to `usage`. */
export function usageOf(recorded: () => number): () => Usage {
  return () => {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage.rss() / 2 ** 20, recorded: recorded() };
  };
}
