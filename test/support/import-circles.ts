/** Circles among files that import one another, types and lazy imports included. Pure. */

/** Who imports whom: a file → the files it names. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * One shortest circle per group of files that import one another, as a line: `a.ts → b.ts → a.ts`. A file that
 * imports itself is a circle, too. Empty if no circle exists.
 */
export function circlesIn(graph: ImportGraph): readonly string[] {
  const reach = new Map([...graph.keys()].map((file) => [file, reachedFrom(graph, file)]));
  const told = new Set<string>();
  const circles: string[] = [];
  for (const [file, reached] of reach) {
    if (told.has(file) || !reached.has(file)) continue;
    for (const other of reached) if (reach.get(other)?.has(file) === true) told.add(other);
    circles.push([...shortestCircle(graph, file), file].join(' → '));
  }
  return circles;
}

function reachedFrom(graph: ImportGraph, start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...(graph.get(start) ?? [])];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    open.push(...(graph.get(file) ?? []));
  }
  return reached;
}

/** Breadth first, so the first way back to `start` is a shortest one. */
function shortestCircle(graph: ImportGraph, start: string): readonly string[] {
  const seen = new Set<string>();
  const open: (readonly string[])[] = [[start]];
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    for (const next of graph.get(path.at(-1) ?? start) ?? []) {
      if (next === start) return path;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push([...path, next]);
    }
  }
  return [start];
}
