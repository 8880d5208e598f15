/** Runs `dev`: opens the stage on the ports that every Temporal tool assumes, says where everything is, and waits. */
import { given } from '../../contract/given.ts';
import { DEFAULT_TASK_QUEUE } from '../../contract/server-names.ts';
import { someoneListens } from '../../temporal-server/ports.ts';
import { DemoArtifactSource } from '../demo/artifacts.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { catchInterrupts } from '../process/interrupts.ts';
import { openLocalStage } from '../demo/local-stage.ts';
import type { LocalStage } from '../demo/local-stage.ts';
import type { Terminal } from '../process/terminal.ts';

const SERVER_PORT = 7233;
const WEB_UI_PORT = 8233;

/** Options of `dev`. */
export type DevOptions = {
  /** SQLite file of a started server, so that runs survive a restart. Undefined: in memory. */
  readonly dbFile?: string;
};

/** Runs until Ctrl-C, then closes what it started. Resolves with 0, because Ctrl-C is its normal end. Rejects with
 *  CliError when NODE_ENV is production. */
export async function runDev({ dbFile }: DevOptions, terminal: Terminal): Promise<ExitCode> {
  // Its worker may reach loopback and polls the usual task queue. On a server that was found it would take real
  // webhooks.
  if (terminal.env['NODE_ENV'] === 'production') {
    const message = 'dev: not with NODE_ENV=production, its worker may reach 127.0.0.1; use worker, or unset NODE_ENV';
    throw new CliError('dev_in_production', EXIT.usage, message);
  }
  const stage = await openLocalStage({
    terminal,
    taskQueue: DEFAULT_TASK_QUEUE,
    artifacts: new DemoArtifactSource(),
    onRequest: ({ callId, event, status, note }) =>
      terminal.say(`${new Date().toISOString()}  receiver: ${event} of ${callId}, ${note} → ${status}`),
    server: { ...(await usualPorts()), dbFile },
  });
  // Caught only now: while a server is fetched and started, Ctrl-C ends the process and its children at once.
  const { interrupted, release } = catchInterrupts();
  try {
    sayStage(terminal, stage);
    await Promise.race([stage.running, interrupted]);
    return EXIT.ok;
  } finally {
    terminal.say('stopping: attempts in flight end first');
    await stage.close();
    release();
  }
}

/** The usual ports if they are free, so that other tools find this server by themselves; else any free ports. */
async function usualPorts(): Promise<{ readonly port?: number; readonly uiPort?: number }> {
  const whereFree = async (port: number): Promise<number | undefined> =>
    (await someoneListens(`127.0.0.1:${port}`)) ? undefined : port;
  const [port, uiPort] = await Promise.all([whereFree(SERVER_PORT), whereFree(WEB_UI_PORT)]);
  return given({ port, uiPort });
}

function sayStage(terminal: Terminal, stage: LocalStage): void {
  const { temporal, receiver, secret, secretRef } = stage;
  const { bold, cyan, dim } = terminal.colors;
  terminal.say(`
Temporal   ${temporal.address}, namespace ${temporal.namespace}, ${temporal.how}
Web UI     ${cyan(temporal.webUiUrl ?? 'not known')}
Worker     this process, task queue ${DEFAULT_TASK_QUEUE}; may reach 127.0.0.1, which a real one must not
Receiver   ${receiver.url} (${receiver.framework}, pid ${receiver.pid})
           ?outage=2 behind it: the first two attempts of each webhook get 503
Secret     secret_ref "${secretRef}" is ${secret}

${bold('End a call')}: paste this into another shell, in a project that has this package installed:
`);
  terminal.say(snippet(stage));
  terminal.say(dim('\nCtrl-C stops everything that was started here.'));
}

/** The snippet ends a failed call, because that is delivered at once: the reader sees something in a second. */
function snippet({ temporal, receiver, secretRef, searchAttributes }: LocalStage): string {
  return `node -e '
const { Client, Connection } = require("@temporalio/client");
const { WebhookClient } = require("@topcalls/webhooks/client");
(async () => {
  const connection = await Connection.connect({ address: "${temporal.address}" });
  const client = new Client({ connection, namespace: "${temporal.namespace}" });
  const webhooks = new WebhookClient(client${searchAttributes ? '' : ', { searchAttributes: false }'});
  const handle = await webhooks.callEnded({
    call_id: "call-" + Date.now(), status: "failed", error_message: "nobody answered",
    phone_number: "+14155551234", from_phone_number: "+18005551234", created_at: new Date().toISOString(),
    webhook_url: "${receiver.url}", secret_ref: "${secretRef}",
  });
  console.log(handle.workflowId, (await handle.result()).state);
  await connection.close();
})();'`;
}
