import { startClosedLoop } from "../load/closed-loop.ts";
import type { Column, ColumnGroup, Extent } from "./column.ts";
import { observeWarm } from "./observe.ts";

const MESSAGES: ColumnGroup = {
  title: "Messages: bytes × connections × in flight on each",
  figures: [
    { key: "cpu", title: "CPU µs a message there and back" },
    { key: "p50", title: "median latency µs" },
  ],
};

const USUAL = ["64x50x32", "64x50x1", "1Kx50x32", "16Kx50x1", "64Kx50x1", "64x1x1"];
const FULL = ["1Kx50x1", "1Kx50x32b", "16Kx50x32", "64Kx50x4", "64x1000x1", "1Kx1000x1", "1Kx1x1", "64Kx1x1"];

export function messageColumns(extent: Extent): readonly Column[] {
  return [...USUAL, ...FULL].map((id) => {
    const column = parseMessageColumn(id, extent);
    if (column === undefined) throw new Error(`no column: ${id}`);
    return { ...column, isUsual: USUAL.includes(id) };
  });
}

/** Any place in the matrix: `1Kx50x32`, with `b` at the end for binary messages. */
export function parseMessageColumn(id: string, extent: Extent): Column | undefined {
  const [, size, kilo, connections, inFlight, binary] = /^(\d+)(K?)x(\d+)x(\d+)(b?)$/.exec(id) ?? [];
  if (size === undefined) return undefined;
  const isBinary = binary === "b";
  const shape = {
    messageBytes: Number(size) * (kilo === "K" ? 1024 : 1),
    connections: Number(connections),
    inFlight: Number(inFlight),
    isBinary,
  };
  return {
    id,
    title: `${size}${kilo}×${connections}×${inFlight}${isBinary ? " binary" : ""}`,
    group: MESSAGES,
    isUsual: false,
    process: "shared",
    // What puts a member into JSON is about text.
    suits: (peer) => !(isBinary && peer.rewrites),
    async measure({ pid, port, paths }, { rewrites }) {
      const load = await startClosedLoop({ port, paths, isRewritten: rewrites, ...shape });
      return observeWarm(pid, load, extent);
    },
  };
}
