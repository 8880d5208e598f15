/** What is broken, one at a time, and how it is healed. Each fault has the alert that must come of it. */
import { rmSync, writeFileSync } from 'node:fs';
import type { Payload } from '@temporalio/common';
import { SIGNALS } from '../../../contract/names.ts';
import type { Installation } from './installation.ts';

export type Fault = {
  readonly name: string;
  /** Without `TopcallsWebhook`. */
  readonly alert: string;
  /** How long it takes to be seen besides, ms: time that does not get shorter. */
  readonly fixedMs?: number;
  /** The alert is silent for some minutes after an outage that explains it. */
  readonly isExplainedByOthers?: true;
  begin(parts: Installation): Promise<void>;
  heal(parts: Installation): Promise<void>;
};

/** Above the bound that the alert looks at, below what an attempt may take. */
const SLOW_ANSWER_MS = 2_500;

export const FAULTS: readonly Fault[] = [
  {
    name: 'every worker is killed',
    alert: 'NoWorker',
    isExplainedByOthers: true,
    // A killed worker has passed over a task for 10 s.
    fixedMs: 10_000,
    begin: ({ workers }) => workers.kill(),
    heal: ({ workers }) => workers.useNormal(),
  },
  {
    name: 'a worker is slower than the calls',
    alert: 'Backlog',
    isExplainedByOthers: true,
    begin: ({ workers }) => workers.use({ RATE: '0.3' }),
    heal: async ({ workers }) => {
      await workers.use({ RATE: '1000' });
      await workers.useNormal();
    },
  },
  {
    name: 'a signal that nobody can decode blocks a run',
    alert: 'RunsStuck',
    begin: async ({ engine }) => {
      // It waits for its second attempt, since nobody listens there.
      const workflowId = await engine.endCall('http://127.0.0.1:1025/', { retryDelaysMs: [3_600_000] });
      stuck.push(workflowId);
      const { client } = engine;
      const payload: Payload = { metadata: { encoding: Buffer.from('binary/elsewhere') }, data: Buffer.from('{}') };
      await client.workflowService.signalWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId },
        signalName: SIGNALS.retryNow,
        input: { payloads: [payload] },
      });
    },
    heal: async ({ engine, reconcile }) => {
      for (const workflowId of stuck.splice(0)) await engine.client.workflow.getHandle(workflowId).terminate();
      await reconcile();
    },
  },
  {
    name: 'PostgreSQL stops',
    alert: 'LogDown',
    begin: ({ postgres }) => postgres.stop(),
    heal: ({ postgres }) => postgres.start(),
  },
  {
    name: 'the artifacts API answers 500',
    alert: 'ArtifactSourceDown',
    begin: async ({ engine }) => void (engine.artifacts = 'broken'),
    heal: async ({ engine }) => void (engine.artifacts = 'ready'),
  },
  {
    name: 'the store of secrets throws',
    alert: 'SecretStoreDown',
    begin: async ({ workers, secretsFault }) => {
      await workers.use({});
      writeFileSync(secretsFault, '');
    },
    heal: async ({ workers, secretsFault }) => {
      rmSync(secretsFault);
      await workers.useNormal();
    },
  },
  {
    name: 'one of ten receivers answers 503',
    alert: 'EndpointFailing',
    begin: async ({ engine, random }) => random.oneOf(engine.receivers).answer(503),
    heal: async ({ engine }) => engine.answerAll(200),
  },
  {
    name: 'every receiver answers 502',
    alert: 'EverythingFailing',
    begin: async ({ engine }) => engine.answerAll(502),
    heal: async ({ engine }) => engine.answerAll(200),
  },
  {
    name: 'artifacts take longer than was promised, and the engine waits for them',
    alert: 'Late',
    isExplainedByOthers: true,
    begin: async ({ engine }) => {
      engine.artifacts = 'slow';
      engine.policy = { artifactDeadlineMs: 60_000 };
    },
    heal: async ({ engine }) => {
      engine.artifacts = 'ready';
      engine.policy = {};
    },
  },
  {
    name: 'receivers are slow, and a worker has few slots',
    alert: 'SlotsFull',
    begin: async ({ engine, workers }) => {
      engine.answerAll((response) => void setTimeout(() => response.writeHead(200).end(), SLOW_ANSWER_MS));
      await workers.use({ SLOTS: '2' });
    },
    heal: async ({ engine, workers }) => {
      engine.answerAll(200);
      await workers.useNormal();
    },
  },
  {
    name: 'the engine reports durations as words',
    alert: 'Repairs',
    begin: async ({ engine }) => void (engine.change = { duration: 'two minutes' }),
    heal: async ({ engine }) => void (engine.change = {}),
  },
  {
    name: 'a worker without a log takes the runs',
    alert: 'NothingRecorded',
    begin: ({ workers }) => workers.use({ DATABASE_URL: 'none' }),
    heal: async ({ workers, reconcile }) => {
      await workers.useNormal();
      await reconcile();
    },
  },
  {
    name: 'the Temporal server is killed',
    alert: 'ServerUnreachable',
    // A doctor that is looking waits for some deadlines, and for 10 s the next time.
    fixedMs: 40_000,
    begin: ({ temporal }) => temporal.kill('SIGKILL'),
    heal: ({ temporal }) => temporal.restart(),
  },
  {
    name: 'nobody runs the doctor',
    alert: 'DoctorMissing',
    begin: async ({ doctor }) => void (doctor.isAway = true),
    heal: async ({ doctor }) => void (doctor.isAway = false),
  },
  {
    name: 'workers show no metrics',
    alert: 'WorkerMetricsMissing',
    begin: ({ workers }) => workers.use({ isUnmetered: true }),
    heal: ({ workers }) => workers.useNormal(),
  },
];

/** Runs of the fault that is being played. */
const stuck: string[] = [];
