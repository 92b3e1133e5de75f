import { startClosedLoop } from "../load/closed-loop.ts";
import { startPushLoop } from "../load/push-loop.ts";
import type { Column, ColumnGroup, Extent } from "./column.ts";
import { observeWarm, passOnce } from "./observe.ts";

const MESSAGES: ColumnGroup = {
  title: "Messages: bytes × connections × in flight on each",
  figures: [
    { key: "cpu", title: "CPU µs a message there and back" },
    { key: "first", title: "of the first second" },
    { key: "p50", title: "median latency µs" },
  ],
};

const PUSHES: ColumnGroup = {
  title: "Messages that only the server sends: bytes × connections × in flight on each",
  figures: [
    { key: "cpu", title: "CPU µs a message" },
    { key: "perSecond", title: "a second" },
  ],
};

/** In flight before a message is alone. */
const MANY = { connections: 8, inFlight: 8 };
const USUAL = ["64x50x32", "64x50x1", "1Kx50x32", "16Kx50x1", "64Kx50x1", "64x1x1", "64x50x32s"];
const FULL_PUSHES = ["1Kx50x32s", "1Kx50x32bs", "64Kx50x4s"];
const FULL = ["1Kx50x1", "1Kx50x32b", "16Kx50x32", "64Kx50x4", "64x1000x1", "1Kx1000x1", "1Kx1x1", "64Kx1x1"];

export function messageColumns(extent: Extent): readonly Column[] {
  return [...USUAL, ...FULL, ...FULL_PUSHES].map((id) => {
    const column = parseMessageColumn(id, extent);
    if (column === undefined) throw new Error(`no column: ${id}`);
    return { ...column, isUsual: USUAL.includes(id) };
  });
}

/** Any place in the matrix: `1Kx50x32`, with `b` at the end for binary messages, and `s` where only the server sends. */
export function parseMessageColumn(id: string, extent: Extent): Column | undefined {
  const [, size, kilo, connections, inFlight, binary, pushed] =
    /^(\d+)(K?)x(\d+)x(\d+)(b?)(s?)$/.exec(id) ?? [];
  if (size === undefined) return undefined;
  const isBinary = binary === "b";
  const shape = {
    messageBytes: Number(size) * (kilo === "K" ? 1024 : 1),
    connections: Number(connections),
    inFlight: Number(inFlight),
    isBinary,
  };
  const isLone = shape.connections * shape.inFlight === 1;
  const common = {
    id,
    title: `${size}${kilo}×${connections}×${inFlight}${isBinary ? " binary" : ""}`,
    isUsual: false,
    process: "shared" as const,
  };
  if (pushed === "s")
    return {
      ...common,
      group: PUSHES,
      // Where a policy is for the client's messages only, it has no part in these.
      suits: ({ rewrites, rewritesServer }) => !rewrites || (rewritesServer === true && !isBinary),
      async measure({ pid, port, paths }, { rewritesServer }) {
        const isRewritten = rewritesServer === true;
        return observeWarm(pid, await startPushLoop({ port, paths, isRewritten, ...shape }), extent);
      },
    };
  return {
    ...common,
    group: MESSAGES,
    // What puts a member into JSON is about text.
    suits: (peer) => !(isBinary && peer.rewrites),
    async measure({ pid, port, paths }, { rewrites }) {
      const to = { port, paths, isRewritten: rewrites, ...shape };
      if (isLone) {
        await passOnce(await startClosedLoop({ ...to, ...MANY }), extent.warmMessages);
        await passOnce(await startClosedLoop(to), extent.warmLone);
      }
      return observeWarm(pid, await startClosedLoop(to), extent);
    },
  };
}
