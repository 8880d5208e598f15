/**
 * Modules of the workflow bundle that are evaluated once for a worker, not once for every run: they hold no state, so
 * runs cannot meet in them. A sixth of a worker's CPU went into evaluating them. A test holds this list against the
 * bundle.
 */
import { createRequire } from 'node:module';
import { requireHere } from './own-files.ts';

/** Files, for the SDK's `bundlerOptions.preloadModules`. */
export function preloadedModules(): string[] {
  const here = requireHere();
  const sdk = createRequire(here.resolve('@temporalio/worker'));
  const ofWorkflow = createRequire(sdk.resolve('@temporalio/workflow'));
  return [
    sdk.resolve('@temporalio/common'),
    ofWorkflow.resolve('nexus-rpc'),
    createRequire(sdk.resolve('@temporalio/common')).resolve('long'),
    ...CONTRACT.map((path) => here.resolve(`../contract/${path}`)),
  ];
}

/** The files of contract/ that workflows load. */
const CONTRACT = [
  'attempt-ledger',
  'attempt-times',
  'byte-length',
  'collected-artifacts',
  'delivery',
  'delivery-policy',
  'delivery-state',
  'given',
  'names',
  'render-body',
  'retry-schedule',
  'run-input-problem',
  'run-life',
  'run-limits',
  'shown-text',
  'signal-payloads',
];
