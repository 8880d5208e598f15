/** The server's own count of billable actions, to see what a run costs. Start the server with `--metrics-port`. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Actions in namespace `default` so far. It waits until the counter stands still: the server updates it once a
 * second.
 */
export async function billableActions(metricsPort: number): Promise<number> {
  for (let last = -1; ; await delay(1_500)) {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('action{') && line.includes('namespace="default"'));
    const sum = lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
    if (sum === last) return sum;
    last = sum;
  }
}
