import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** The parts of a CPU profile that name places. Lines and columns from 0. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly callFrame: {
      readonly scriptId: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
}

/** The profile with the author's files and lines: a profile in a file has no source map to go by. */
export function mapProfile(profile: CpuProfile, sourceMaps: ReadonlyMap<string, string>): CpuProfile {
  const maps = new Map([...sourceMaps].map(([script, url]) => [script, readMap(url)]));
  const nodes = profile.nodes.map((node) => {
    const { callFrame } = node;
    const map = maps.get(callFrame.scriptId);
    if (map === undefined || callFrame.lineNumber < 0) return node;
    const { lineNumber, columnNumber: column } = callFrame;
    const found = originalPositionFor(map, { line: lineNumber + 1, column });
    if (found.source === null) return node;
    const place = { url: found.source, lineNumber: found.line - 1, columnNumber: found.column };
    return { ...node, callFrame: { ...callFrame, ...place } };
  });
  return { ...profile, nodes };
}

function readMap(url: string): TraceMap {
  return new TraceMap(Buffer.from(url.slice(url.indexOf("base64,") + 7), "base64").toString());
}
