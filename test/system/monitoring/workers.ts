/** The workers of the installation: normally one stand-alone and one embedded, and others while a fault is played. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../temporal-server/ports.ts';
import { DIST_CLI, startProcess, typescript, untilReady, type RunningProcess } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { LOOPBACK_ENV } from '../../support/worker-process.ts';
import type { EmbeddedEnv } from './embedded-worker.ts';

/** Of a worker that differs from the normal ones. */
export type Variant = Partial<Pick<EmbeddedEnv, 'DATABASE_URL' | 'SLOTS' | 'RATE'>> & { readonly isUnmetered?: true };

export type WorkerSettings = {
  readonly address: string;
  readonly artifactsUrl: string;
  readonly databaseUrl: string;
  readonly secretsFile: string;
  readonly secretsFault: string;
};

type Running = { readonly process: RunningProcess; readonly metricsAddress: string };

export class Workers {
  readonly #run: SystemRun;
  readonly #settings: WorkerSettings;
  #running: readonly Running[] = [];
  #count = 0;

  constructor(run: SystemRun, settings: WorkerSettings) {
    this.#run = run;
    this.#settings = settings;
  }

  /** Starts one worker of each kind, then stops those that ran before. */
  async useNormal(): Promise<void> {
    await this.#replace(await Promise.all([this.#standAlone(), this.#embedded({})]));
  }

  /** Starts an embedded worker that differs, then stops those that ran before. */
  async use(variant: Variant): Promise<void> {
    await this.#replace([await this.#embedded(variant)]);
  }

  async kill(): Promise<void> {
    const killed = this.#running;
    this.#running = [];
    await Promise.all(killed.map(({ process }) => process.end('SIGKILL')));
    this.#tellPrometheus();
  }

  /** The file that Prometheus reads the addresses of workers from. */
  get targetsFile(): string {
    return join(this.#run.folder, 'workers.json');
  }

  async #replace(next: readonly Running[]): Promise<void> {
    const before = this.#running;
    this.#running = next;
    this.#tellPrometheus();
    await Promise.all(before.map(({ process }) => process.end('SIGTERM')));
  }

  #tellPrometheus(): void {
    const targets = this.#running.map(({ metricsAddress }) => metricsAddress).filter((address) => address !== '');
    writeFileSync(this.targetsFile, JSON.stringify([{ targets }]));
  }

  async #standAlone(): Promise<Running> {
    const { address, artifactsUrl, databaseUrl, secretsFile } = this.#settings;
    const metricsAddress = `127.0.0.1:${await freePort()}`;
    const env = {
      PATH: process.env['PATH'],
      HOME: this.#run.folder,
      TEMPORAL_ADDRESS: address,
      TOPCALLS_ARTIFACTS_URL: artifactsUrl,
      TOPCALLS_DATABASE_URL: databaseUrl,
      TOPCALLS_SECRETS_FILE: secretsFile,
      TOPCALLS_METRICS_ADDRESS: metricsAddress,
      TOPCALLS_METRICS_ENDPOINTS: '20',
      ...LOOPBACK_ENV,
    };
    return this.#start('stand-alone', [process.execPath, DIST_CLI, 'worker'], env, metricsAddress);
  }

  async #embedded({ isUnmetered, ...variant }: Variant): Promise<Running> {
    const { address, artifactsUrl, databaseUrl, secretsFault } = this.#settings;
    const metricsAddress = isUnmetered === true ? '' : `127.0.0.1:${await freePort()}`;
    const env: EmbeddedEnv = {
      TEMPORAL_ADDRESS: address,
      ARTIFACTS_URL: artifactsUrl,
      DATABASE_URL: databaseUrl,
      METRICS_ADDRESS: metricsAddress,
      SECRETS_FAULT: secretsFault,
      SLOTS: '500',
      RATE: '',
      ...variant,
    };
    const more = { PATH: process.env['PATH'], HOME: this.#run.folder };
    return this.#start(
      'embedded',
      typescript(join(__dirname, 'embedded-worker.ts')),
      { ...more, ...env },
      metricsAddress,
    );
  }

  async #start(
    kind: string,
    command: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    metricsAddress: string,
  ): Promise<Running> {
    this.#count += 1;
    const running = startProcess(this.#run, `worker-${this.#count}-${kind}`, command, { env });
    await untilReady(running, () => running.log().includes('worker.ready'));
    return { process: running, metricsAddress };
  }
}
