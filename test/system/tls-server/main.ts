/**
 * `npm run tls-server`: what docs/production.md needs, on one machine, to try that page. A Temporal server with TLS and
 * client certificates, PostgreSQL, a namespace, and a customer's server. It prints a file with the variables, and stays
 * until Ctrl-C.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runToEnd } from '../../support/processes.ts';
import { openSystemStage, SECRET_REF } from '../../support/system-stage.ts';
import { runSystemCommand } from '../../support/system-command.ts';
import { playInFolder } from '../../support/system-run.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { waitFor } from '../../support/wait-for.ts';
import { LOOPBACK_ENV } from '../../support/worker-process.ts';
import { imageVersion, readServices } from '../topology/compose-file.ts';
import { gatherPrograms } from '../topology/programs.ts';
import { dynamicConfigOf, setUpSchema, startTemporal } from '../topology/temporal.ts';

const HELP = `Usage: npm run tls-server

Starts a Temporal server with TLS and client certificates, PostgreSQL, and a customer's server on this machine, so that
docs/production.md can be tried. Prints a file with the variables: source it in another shell. Ends with Ctrl-C. The first
run builds Temporal's server with Go, which takes several minutes; it stays in the cache folder.`;

/** In the certificate; the address is one of loopback. */
const NAME = 'temporal.example.com';
const NAMESPACE = 'webhooks';

void runSystemCommand({
  name: 'tls-server',
  help: HELP,
  numbers: {},
  flags: [],
  usesBuild: false,
  play: async (_, { terminal, progress }) => {
    const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    await playInFolder({ name: 'tls-server', say: progress, tidy }, async (run) => {
      const file = await openServer(run);
      terminal.data(`source ${file}`);
      progress('ready; Ctrl-C ends it');
      await new Promise((resolve) => {
        run.signal.addEventListener('abort', resolve);
      });
    });
    return 130;
  },
});

async function openServer(run: SystemRun): Promise<string> {
  const services = readServices();
  const bin = join(run.folder, 'bin');
  const schemas = await gatherPrograms(bin, imageVersion(services.temporal), run.say);
  const path = [bin, process.env['PATH']].join(delimiter);
  const { POSTGRES_USER: user = '' } = services.postgresql.environment;
  const { POSTGRES_PASSWORD: password = '' } = services.postgresql.environment;
  const stage = await openSystemStage(run, { postgres: { user, password }, seed: 1 });
  const server = { services, path, schemas, postgresPort: stage.postgres.port };
  await setUpSchema(server);
  const pem = await makeCertificates(run);
  run.say('Temporal server with client certificates');
  const address = await startTemporal(run, server, dynamicConfigOf(services.temporal), {
    TEMPORAL_TLS_FRONTEND_CERT: pem('server.pem'),
    TEMPORAL_TLS_FRONTEND_KEY: pem('server.key'),
    TEMPORAL_TLS_CLIENT1_CA_CERT: pem('ca.pem'),
    TEMPORAL_TLS_CLIENT2_CA_CERT: pem('ca.pem'),
    TEMPORAL_TLS_SERVER_CERT: pem('server.pem'),
    TEMPORAL_TLS_SERVER_KEY: pem('server.key'),
    TEMPORAL_TLS_SERVER_CA_CERT: pem('ca.pem'),
    TEMPORAL_TLS_FRONTEND_SERVER_NAME: NAME,
    TEMPORAL_TLS_INTERNODE_SERVER_NAME: NAME,
    TEMPORAL_TLS_REQUIRE_CLIENT_AUTH: 'true',
  });
  const variables = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    TEMPORAL_TLS_SERVER_NAME: NAME,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: pem('ca.pem'),
    TEMPORAL_TLS_CLIENT_CERT_PATH: pem('client.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: pem('client.key'),
    ...stage.settings,
    ...LOOPBACK_ENV,
  };
  const create = [join(bin, 'temporal'), 'operator', 'namespace', 'create', '--namespace', NAMESPACE];
  const env = { PATH: path, HOME: run.folder, ...variables };
  await waitFor('the namespace', () =>
    runToEnd('temporal', [...create, '--retention', '7d'], env).then(
      () => true,
      () => false,
    ),
  );
  const lines = Object.entries({
    ...variables,
    // For the page: its commands call `temporal`, and report a call with an endpoint and a secret.
    PATH: `${bin}${delimiter}$PATH`,
    WEBHOOK_URL: `${stage.customers.hooks.receiver}/good`,
    SECRET_REF,
  }).map(([name, value]) => `export ${name}="${value}"\n`);
  const file = join(run.folder, `environment-${randomBytes(3).toString('hex')}.sh`);
  writeFileSync(file, lines.join(''));
  return file;
}

/** One authority, and a certificate each for server and client. Resolves with the paths by file name. */
async function makeCertificates({ folder }: SystemRun): Promise<(name: string) => string> {
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  const script = `cd ${folder}
openssl req -x509 ${key} -days 30 -keyout ca.key -out ca.pem -subj /CN=authority
printf 'subjectAltName=DNS:${NAME}\\nextendedKeyUsage=serverAuth,clientAuth\\n' > names
for each in server client; do
  openssl req ${key} -keyout $each.key -out $each.csr -subj /CN=$each
  openssl x509 -req -in $each.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out $each.pem
done`;
  await runToEnd('openssl', ['sh', '-euc', script], process.env);
  return (name) => join(folder, name);
}
