/** The section of docs/speed.md that bench/metrics-cost.ts writes and bench/speed.ts keeps. */
export const METRICS_HEADING = '## What metrics cost';
