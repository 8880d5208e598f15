/** The public doors: the names of each, and what each loads. A name that goes missing here breaks a user's import. */
import { describe, expect, it, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json';
import { loadedBy, ROOT } from '../support/source-imports.ts';

/** Door → source file, from the package's own exports. */
const DOORS = new Map(
  Object.entries(packageJson.exports).flatMap(([door, target]) =>
    typeof target === 'string'
      ? []
      : [[door.slice(2), target.default.replace('./dist/', '').replace('.js', '.ts')] as const],
  ),
);

/** Every public name of every door, sorted. A new name is a feature, a removed one a breaking change. */
const PUBLIC_NAMES: Readonly<
  Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>
> = {
  client: {
    values: [
      'AlreadyDeliveredError',
      'HistoryGoneError',
      'IdOfAnotherAccountError',
      'InputTooLargeError',
      'InvalidInputError',
      'NamespaceNotFoundError',
      'ResultTimeoutError',
      'SearchAttributesMissingError',
      'SlowRunError',
      'StillRunningError',
      'StoredPayloadError',
      'TemporalRefusedError',
      'TemporalUnavailableError',
      'UnknownEndpointError',
      'UnreadableRunError',
      'WebhookClient',
      'WebhookClientError',
      'WebhookHandle',
      'WebhookNotFoundError',
      'callReports',
    ],
    types: [
      'Attempt',
      'CallEnded',
      'CampaignEvent',
      'CancelAnswer',
      'DeliveryOutcome',
      'DeliveryState',
      'DeliveryStatus',
      'FindFilter',
      'FindOptions',
      'FindableState',
      'FoundWebhook',
      'LiveState',
      'ReconcilableLog',
      'ReconcileOptions',
      'ReconcileProgress',
      'Reconciled',
      'RedeliverAnswer',
      'RedeliverRequest',
      'ReportAnswer',
      'ReportOptions',
      'ReportedWebhook',
      'RequestOptions',
      'ResultRequest',
      'RetryNowAnswer',
      'SentAttempt',
      'SentBody',
      'SentRequest',
      'SkippedRun',
      'Stalled',
      'UnheardSignal',
      'WebhookClientOptions',
      'WebhookRequest',
      'WebhookResult',
      'WebhookStatus',
      'WebhookTest',
      'WebhookWarning',
    ],
  },
  workflows: { values: ['callWebhook', 'campaignWebhook', 'webhookMaintenance'], types: [] },
  activities: {
    values: ['createActivities'],
    types: [
      'ActivityPorts',
      'Artifact',
      'ArtifactSource',
      'CallReports',
      'DeliveryEvent',
      'DeliveryEventKind',
      'DeliveryEvents',
      'DeliveryLog',
      'FetchedArtifacts',
      'NotifyEndpoint',
      'NotifyOptions',
      'ReportAnswer',
      'ReportedWebhook',
      'ReportingWorker',
      'SecretSet',
      'SigningSecrets',
      'TranscriptLine',
      'WebhookActivities',
      'WebhookLogger',
    ],
  },
  worker: {
    values: [
      'LOOPBACK_EGRESS',
      'METRIC_BUCKETS',
      'NamespaceNotFoundError',
      'UnreadableOpenRunsError',
      'WORKER_DEFAULTS',
      'createWebhookWorker',
      'temporalLogger',
      'webhookWorkerHealth',
      'webhookWorkerParts',
      'withGuardedStorage',
    ],
    types: [
      'EgressOptions',
      'NotReadyReason',
      'PortHealth',
      'WebhookWorkerHealth',
      'WebhookWorkerHealthOptions',
      'WebhookWorkerOptions',
      'WebhookWorkerParts',
      'WorkerHealthWatch',
    ],
  },
  receiver: {
    values: [
      'PostgresSeenEvents',
      'checkEvent',
      'generateSecret',
      'memorySeenEvents',
      'nodeHandler',
      'receive',
      'signTestRequest',
      'verifyWebhook',
      'webHandler',
    ],
    types: [
      'AnswerCode',
      'CallCompletedEvent',
      'CallFailedEvent',
      'CampaignUpdateEvent',
      'CheckedEvent',
      'ClaimAnswer',
      'Delivery',
      'EventHandler',
      'EventHandlers',
      'EventProblem',
      'MemorySeenEventsOptions',
      'PostgresSeenEventsOptions',
      'RawBody',
      'ReceiveOptions',
      'ReceiverAnswer',
      'ReceiverLogLine',
      'ReceiverRequest',
      'RejectedWebhook',
      'RejectionCode',
      'SeenEvents',
      'SeenEventsPool',
      'TestRequest',
      'TestRequestOptions',
      'UnknownEvent',
      'VerifiedWebhook',
      'VerifyOptions',
      'VerifyResult',
      'WebhookEvent',
      'WebhookEventOf',
      'WebhookHeaders',
      'WebhookPayload',
      'WebhookReceiver',
      'WebhookTestEvent',
    ],
  },
  adapters: {
    values: [
      'HttpArtifactSource',
      'LogDeliveryEvents',
      'MemoryArtifactSource',
      'MemoryDeliveryEvents',
      'MemoryDeliveryLog',
      'PostgresDeliveryLog',
      'PostgresDeliveryLogError',
      'StaticSecrets',
      'StaticSecretsError',
      'postgresMigrationSql',
    ],
    types: [
      'DeliveryFilter',
      'DeliveryGroup',
      'DeliveryLogEraser',
      'DeliveryLogPruner',
      'DeliveryLogReader',
      'DeliveryLogStats',
      'DeliveryPage',
      'DeliveryStats',
      'DeliveryStatsQuery',
      'PostgresClient',
      'PostgresDeliveryLogErrorCode',
      'PostgresDeliveryLogOptions',
      'PostgresPool',
      'PostgresSchemaStatus',
      'PruneOptions',
      'Pruned',
      'StaticSecretsRecord',
    ],
  },
  contract: {
    values: [
      'ACTIVITY_TYPES',
      'CALL_EVENTS',
      'CAMPAIGN_EVENTS',
      'DEFAULT_DELIVERY_POLICY',
      'DEFAULT_EVENTS',
      'DEFAULT_RETRY_DELAYS_MS',
      'DEFAULT_TASK_QUEUE',
      'EVENT_NAMES',
      'EgressConfigError',
      'FAILURE_TYPES',
      'HEADERS',
      'InvalidInputError',
      'LOOPBACK_EGRESS',
      'QUERIES',
      'SEARCH_ATTRIBUTES',
      'SIGNALS',
      'WORKFLOW_TYPES',
      'attemptsIn',
      'bodySchemas',
      'callEndedSchema',
      'callWorkflowId',
      'campaignWorkflowId',
      'deliveryRecordSchema',
      'isEventName',
      'judgeWebhookUrl',
      'parseEgressOptions',
      'parseWebhookConfig',
      'scheduleSpanMs',
      'settleDelayFor',
      'statusesOf',
      'waitAfter',
    ],
    types: [
      'ArtifactStatus',
      'ArtifactStatuses',
      'Attempt',
      'AttemptOutcome',
      'AttemptTrigger',
      'CallEnded',
      'CallEventName',
      'CampaignEventName',
      'CollectedArtifacts',
      'ConfigLevel',
      'DeliveryOutcome',
      'DeliveryPolicy',
      'DeliveryRecord',
      'DeliveryState',
      'DeliveryStatus',
      'EgressOptions',
      'EgressPolicy',
      'EventName',
      'Expects',
      'LiveState',
      'Stalled',
      'TranscriptEntry',
      'UnheardSignal',
      'WebhookBodies',
      'WebhookConfig',
      'WebhookResult',
      'WebhookStatus',
    ],
  },
  codec: {
    values: [
      'EncryptionConfigError',
      'PayloadDecryptionError',
      'encryptedDataConverter',
      'encryptionCodec',
      'generateEncryptionKey',
    ],
    types: ['EncryptionConfigErrorCode', 'EncryptionOptions', 'PayloadDecryptionErrorCode'],
  },
  testing: {
    values: ['FakeWebhookClient', 'openReceiver', 'openVirtualTime'],
    types: [
      'FakeAnswer',
      'FakeArtifacts',
      'FakeControl',
      'FakeOutage',
      'FakeReport',
      'FakeRun',
      'RecordedWebhook',
      'TestAnswer',
      'TestReceiver',
      'TestReceiverOptions',
      'VirtualTime',
      'VirtualTimeOptions',
      'WhereToPoll',
    ],
  },
  conformance: {
    values: [
      'artifactSourceConformance',
      'deliveryEventsConformance',
      'deliveryLogConformance',
      'deliveryLogEraseConformance',
      'deliveryLogPruneConformance',
      'deliveryLogReadConformance',
      'deliveryLogStatsConformance',
      'seenEventsConformance',
      'signingSecretsConformance',
    ],
    types: ['ConformanceCase'],
  },
};

describe('the public names', () => {
  it.each(Object.keys(PUBLIC_NAMES))('of ./%s are exactly these', async (door) => {
    const file = DOORS.get(door) ?? '';
    const loaded = (await import(join(ROOT, file))) as Record<string, unknown>;
    expect(
      Object.keys(loaded)
        .filter((name) => name !== 'default')
        .sort(),
    ).toEqual(PUBLIC_NAMES[door]?.values);
    expect(typeNamesIn(file)).toEqual(PUBLIC_NAMES[door]?.types);
  });
});

describe('package.json', () => {
  it('opens a door for every source it names, and pins its names here', () => {
    expect([...DOORS].filter(([, file]) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect([...DOORS.keys()].sort()).toEqual(Object.keys(PUBLIC_NAMES).sort());
  });

  it('tells old resolvers of the same doors', () => {
    const old = Object.entries(packageJson.typesVersions['*']).map(([door, [file]]) => [door, file]);
    const doors = Object.entries(packageJson.exports).flatMap(([door, target]) =>
      typeof target === 'string' ? [] : [[door.slice(2), target.types]],
    );
    expect(old).toEqual(doors);
  });

  it('has no root door: each side picks its own', () => {
    expect(Object.keys(packageJson.exports)).not.toContain('.');
    expect(packageJson).not.toHaveProperty('main');
  });

  it('asks for the SDK as optional peers only, one range for all', () => {
    const peers = Object.keys(packageJson.peerDependencies).filter((name) => name.startsWith('@temporalio/'));
    const optional = packageJson.peerDependenciesMeta as Record<string, { optional?: boolean }>;
    expect(peers.filter((name) => optional[name]?.optional !== true)).toEqual([]);
    expect(Object.keys(packageJson.dependencies).filter((name) => name.startsWith('@temporalio/'))).toEqual([]);
    const ranges = peers.map((name) => (packageJson.peerDependencies as Record<string, string>)[name]);
    expect(new Set(ranges).size).toBe(1);
  });
});

/** The packages that a door loads, by name. */
function packagesOf(door: string): string[] {
  const packages = [...loadedBy(DOORS.get(door) ?? '')].filter((name) => !name.endsWith('.ts'));
  return [...new Set(packages.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name))].sort();
}

describe('what a door loads', () => {
  test('./client: Temporal’s client and zod, nothing of the worker', () => {
    expect(packagesOf('client')).toEqual(['@temporalio/client', '@temporalio/common', 'node:crypto', 'zod']);
    const files = [...loadedBy('client/index.ts')].filter((name) => name.endsWith('.ts'));
    expect(files.filter((file) => !/^(client|contract)\//.test(file))).toEqual([]);
  });

  test('./receiver: node:crypto alone; zod waits for checkEvent', () => {
    expect(packagesOf('receiver')).toEqual(['node:crypto']);
  });

  test('./contract: zod alone', () => {
    expect(packagesOf('contract')).toEqual(['zod']);
  });

  test('./codec: node:crypto, and by its path a converter of Temporal’s common package; nothing of client or worker', () => {
    expect(packagesOf('codec')).toEqual(['node:crypto', 'node:path']);
    expect([...loadedBy('codec/failure-converter.ts')].slice(1)).toEqual(['@temporalio/common']);
  });

  test('./testing: what ./client and ./receiver load; the worker waits for openVirtualTime', () => {
    const packages = ['@temporalio/client', '@temporalio/common', 'node:crypto', 'node:http', 'zod'];
    expect(packagesOf('testing')).toEqual(packages);
  });

  test('./workflows: what the sandbox has', () => {
    expect(packagesOf('workflows').filter((name) => !/^@temporalio\/(workflow|common)$/.test(name))).toEqual([]);
  });

  test('./adapters: nothing of Temporal', () => {
    expect(packagesOf('adapters').filter((name) => /temporal|pino/.test(name))).toEqual([]);
  });
});

function typeNamesIn(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(/^export (type )?\{([^}]*)\} from/gm)]
    .flatMap(([, isType, names = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && (isType !== undefined || name.startsWith('type ')))
        .map((name) => name.replace(/^type /, '')),
    )
    .sort();
}
