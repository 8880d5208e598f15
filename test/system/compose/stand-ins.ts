/**
 * Images of docker-compose.yml that this machine cannot pull, made here with the same tags. Each has the real program, the
 * entry point and the variables of the real image, as far as the file uses them. Two differ: PostgreSQL has Debian's
 * pg_isready beside its own server, and Grafana is no Grafana, but a check of the files that are mounted into it.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programsFolder } from '../../support/postgres.ts';
import { runToEnd } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { baseTags, provide, STAND_IN } from '../image/base-images.ts';
import { hasImage } from '../image/docker.ts';
import type { Docker } from '../image/docker.ts';
import { gatherPrograms, goModuleFolder, goModuleProgram } from '../topology/programs.ts';

const BUILD_MS = 600_000;

type Part = { readonly run: SystemRun; readonly context: string; readonly version: string };
/** Fills the context; resolves with the lines of a Dockerfile after FROM. */
type Maker = (part: Part) => Promise<string>;

/** Makes sure that each image is there. Resolves with those that were made here. */
export async function provideImages(
  run: SystemRun,
  docker: Docker,
  tags: readonly string[],
): Promise<readonly string[]> {
  const { final } = baseTags();
  for (const tag of tags) {
    await provide(run, docker, tag, async () => {
      const [name = '', version = ''] = tag.split(':');
      const make = MAKERS[name];
      if (make === undefined) throw new Error(`docker-compose.yml: no stand-in for ${tag}; follow it in stand-ins.ts`);
      if (!(await hasImage(docker, final))) throw new Error(`${final} is not there: call npm run image first`);
      const context = join(run.folder, name.replace('/', '-'));
      mkdirSync(context, { recursive: true });
      const lines = await make({ run, context, version });
      writeFileSync(join(context, 'Dockerfile'), `FROM ${final}\nLABEL ${STAND_IN}=true\n${lines}\n`);
      await docker(['build', '--network', 'host', '--tag', tag, context], BUILD_MS);
    });
  }
  const labels = await Promise.all(
    tags.map((tag) => docker(['image', 'inspect', tag, '--format', `{{index .Config.Labels "${STAND_IN}"}}`])),
  );
  return tags.filter((_, index) => labels[index] === 'true');
}

const MAKERS: Readonly<Record<string, Maker>> = {
  postgres: async ({ context }) => {
    cpSync(dirname(programsFolder()), join(context, 'native'), { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(context, 'start.sh'), POSTGRES_START, { mode: 0o755 });
    return `RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 999 --home-dir /var/lib/postgresql --create-home postgres \\
  && mkdir -p /var/lib/postgresql/data /var/run/postgresql && chown -R postgres /var/lib/postgresql /var/run/postgresql
COPY native /opt/postgres
COPY start.sh /start.sh
ENV PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["/start.sh"]`;
  },
  'temporalio/admin-tools': async ({ run, context, version }) => {
    const schemas = await gatherPrograms(join(context, 'bin'), version, run.say);
    for (const program of ['temporal', 'temporal-sql-tool']) {
      cpSync(join(context, 'bin', program), join(context, program), { dereference: true });
    }
    cpSync(schemas, join(context, 'schema'), { recursive: true });
    return 'COPY temporal temporal-sql-tool /usr/local/bin/\nCOPY schema /etc/temporal/schema';
  },
  'temporalio/server': async ({ run, context, version }) => {
    await gatherPrograms(join(context, 'bin'), version, run.say);
    cpSync(join(context, 'bin', 'temporal-server'), join(context, 'temporal-server'), { dereference: true });
    const sources = await goModuleFolder(`go.temporal.io/server@v${version}`, run.say);
    cpSync(join(sources, 'docker/scripts/sh/entrypoint.sh'), join(context, 'entrypoint.sh'));
    // bash: Debian's sh does not know an option that the script sets.
    return `COPY temporal-server /usr/local/bin/
COPY entrypoint.sh /etc/temporal/entrypoint.sh
RUN useradd --uid 1000 temporal
USER temporal
CMD ["bash", "/etc/temporal/entrypoint.sh"]`;
  },
  'temporalio/ui': async ({ run, context, version }) => {
    const module = `github.com/temporalio/ui-server/v2@v${version}`;
    const { program, folder } = await goModuleProgram(
      { name: 'temporal-ui', version, module, path: './cmd/server' },
      run.say,
    );
    cpSync(program, join(context, 'ui-server'));
    cpSync(join(folder, 'config', 'docker.yaml'), join(context, 'docker.yaml'));
    return `WORKDIR /home/ui-server
COPY ui-server ./
COPY docker.yaml ./config/docker.yaml
RUN useradd --uid 1000 temporal
USER temporal
ENTRYPOINT ["./ui-server", "--env", "docker", "start"]`;
  },
  'prom/prometheus': async ({ context }) => {
    const path = await runToEnd('prometheus', ['sh', '-c', 'command -v prometheus'], process.env).catch(() => {
      throw new Error('there is no `prometheus` on PATH: apt-get install prometheus');
    });
    cpSync(path.stdout.trim(), join(context, 'prometheus'), { dereference: true });
    return `COPY prometheus /bin/prometheus
RUN mkdir -p /prometheus && chown 65534 /prometheus
USER 65534
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]`;
  },
  'grafana/grafana': async ({ context }) => {
    cpSync(process.execPath, join(context, 'node'));
    writeFileSync(join(context, 'check.js'), GRAFANA_CHECK);
    return 'COPY node /usr/local/bin/node\nCOPY check.js /check.js\nENTRYPOINT ["node", "/check.js"]';
  },
};

/** As the real image's: a first server without TCP makes the database, then ends. Only the second one may be used. */
const POSTGRES_START = `#!/bin/sh -eu
export PATH=/opt/postgres/bin:$PATH LD_LIBRARY_PATH=/opt/postgres/lib
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "$POSTGRES_PASSWORD" > /tmp/password
  initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 \\
    --encoding=UTF8 --locale=C
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl -w start -o "-c listen_addresses= -c unix_socket_directories=/var/run/postgresql"
  # Long enough that a health check over the socket sees it.
  sleep 5
  LD_LIBRARY_PATH= psql -h /var/run/postgresql -U "$POSTGRES_USER" -d postgres -c "create database \\"$POSTGRES_USER\\""
  pg_ctl -w stop -m fast
fi
exec postgres -c 'listen_addresses=*' -c unix_socket_directories=/var/run/postgresql
`;

const GRAFANA_CHECK = `
const { readFileSync, existsSync } = require('node:fs');
const dashboard = JSON.parse(readFileSync('/var/lib/grafana/dashboards/webhooks.json', 'utf8'));
for (const path of ['datasources/prometheus.yml', 'dashboards/webhooks.yml']) {
  if (!existsSync('/etc/grafana/provisioning/' + path)) throw new Error(path + ' is not mounted');
}
console.log('stand-in: ' + dashboard.panels.length + ' panels are mounted; no Grafana runs');
const server = require('node:http').createServer((_, response) => response.end('stand-in'));
server.listen(3000);
process.on('SIGTERM', () => process.exit(0));
`;
