/** The stage of the pictures: a server with its Web UI, and names that a reader can do something with. */
import { StaticSecrets } from '../../adapters/static-secrets.ts';
import { DEFAULT_TASK_QUEUE } from '../../contract/index.ts';
import { SECRET } from '../../test/support/builders.ts';
import { startReceiver } from '../../test/support/receiver.ts';
import { openOwnStage } from '../../test/support/stage.ts';
import type { StageOptions } from '../../test/support/stage.ts';
import { LOOPBACK_EGRESS } from '../../worker/index.ts';

/** Names that lead to this machine (RFC 6761), so that a picture shows a readable host and still tells the truth. */
const HOSTS = ['crm.localhost', 'billing.localhost', 'old-crm.localhost'];

/** What `openReadableStage` opens. */
export type ReadableStage = Awaited<ReturnType<typeof openReadableStage>>;

/** Opens the stage. `dataConverter`: of its client and its worker, where the run is to be encrypted. */
export async function openReadableStage({ dataConverter }: Pick<StageOptions, 'dataConverter'> = {}) {
  const stage = await openOwnStage({
    taskQueue: DEFAULT_TASK_QUEUE,
    // Identities are in the histories: a picture must not name the machine it was made on.
    identities: { client: 'call-engine', worker: 'webhook-worker-1' },
    worker: {
      secrets: new StaticSecrets({ acct_dental: SECRET }),
      egress: { ...LOOPBACK_EGRESS, allowHosts: HOSTS },
      ...(dataConverter && { temporal: { dataConverter } }),
    },
    ...(dataConverter && { dataConverter }),
    server: { ui: true },
  });
  // The path is the status that the receiver answers with.
  const { url } = await startReceiver((response, { path }) => void response.writeHead(Number(path.slice(1))).end());
  const { port } = new URL(url);
  return {
    ...stage,
    /** Address of a webhook at one of the hosts, which answers with this status. */
    hook: (host: string, status: number): string => `http://${host}:${port}/${status}`,
    webUi: `${stage.server.webUiUrl}/namespaces/default/workflows`,
  };
}
