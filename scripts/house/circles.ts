/** Files that import each other, by whatever way round. */
export interface Circle {
  /** All of them, sorted. */
  readonly files: readonly string[];
  /** One of the shortest ways round: begins and ends with the same file. */
  readonly way: readonly string[];
}

interface Arrow {
  readonly file: string;
  readonly target: string;
}

/** The circles of a graph (its strongly connected parts), by the name of the first file in each. */
export function findCircles(arrows: readonly Arrow[]): readonly Circle[] {
  const next = new Map<string, Set<string>>();
  for (const { file, target } of arrows) {
    next.set(file, (next.get(file) ?? new Set()).add(target));
  }
  const circles: Circle[] = [];
  const placed = new Set<string>();
  for (const file of [...next.keys()].toSorted()) {
    if (placed.has(file)) continue;
    const way = findWayBack(file, next);
    if (way === undefined) continue;
    const files = [...reach(file, next)].filter((each) => reach(each, next).has(file)).toSorted();
    for (const each of files) placed.add(each);
    circles.push({ files, way });
  }
  return circles;
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** What can be reached from a file; the file itself only by a way round. */
function reach(file: string, graph: Graph): ReadonlySet<string> {
  const found = new Set(graph.get(file));
  // A set goes on over what is added to it.
  for (const each of found) for (const target of graph.get(each) ?? []) found.add(target);
  return found;
}

function findWayBack(start: string, graph: Graph): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const target of graph.get(way.at(-1) ?? start) ?? []) {
      if (target === start) return [...way, start];
      if (!seen.has(target)) ways.push([...way, target]);
      seen.add(target);
    }
  }
  return undefined;
}
