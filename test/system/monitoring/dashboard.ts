/** The queries of deploy/grafana/webhooks.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(__dirname, '../../../deploy/grafana/webhooks.json');

type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] };

/** Each query with its panel. `interval` stands where Grafana puts its own. */
export function dashboardQueries(interval: string): readonly { readonly panel: string; readonly query: string }[] {
  const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly panels: readonly Panel[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: title, query: expr.replaceAll('$__rate_interval', interval) })),
  );
}
