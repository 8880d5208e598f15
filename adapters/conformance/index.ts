/**
 * Door ./conformance: test suites that a host runs on its own adapters, in any test runner.
 * `for (const { name, run } of deliveryLogConformance(() => myLog)) test(name, run);`
 */
export { artifactSourceConformance } from './artifact-source.ts';
export type { ConformanceCase } from './conformance-case.ts';
export { deliveryEventsConformance } from './delivery-events.ts';
export { deliveryLogConformance } from './delivery-log.ts';
export { deliveryLogEraseConformance } from './delivery-log-erase.ts';
export { deliveryLogPruneConformance } from './delivery-log-prune.ts';
export { deliveryLogReadConformance } from './delivery-log-read.ts';
export { deliveryLogStatsConformance } from './delivery-log-stats.ts';
export { seenEventsConformance } from './seen-events.ts';
export { signingSecretsConformance } from './signing-secrets.ts';
