import type { InspectorMessage } from "../../wire/control.ts";

/** What wants to debug policies. For development: no config can make one. */
export interface Inspector {
  /** A version is about to be loaded. @returns messages for its isolate, to be done before the policy runs */
  onLoad(isolate: InspectedIsolate): readonly DebuggerMessage[];
  onMessage(instance: number, message: DebuggerMessage): void;
}

/** One version, in one isolate. */
export interface InspectedIsolate {
  readonly instance: number;
  readonly policy: string;
  readonly version: string;
  /** The policy's file. */
  readonly file: string;
  send(message: DebuggerMessage): void;
}

/** Of the inspector protocol, from or for one debugger. Without text: the debugger has gone. */
export type DebuggerMessage = Pick<InspectorMessage, "debugger" | "text">;

/** The script with its source map inside, for a debugger to show the author's files and lines. */
export function withSourceMap(code: string, sourceMap: string): string {
  const url = `data:application/json;charset=utf-8;base64,${Buffer.from(toFileUrls(sourceMap)).toString("base64")}`;
  return `${code}\n//# sourceMappingURL=${url}`;
}

/** Debuggers take a path for one relative to the script's name. */
function toFileUrls(sourceMap: string): string {
  const map = JSON.parse(sourceMap) as { sources: string[] };
  map.sources = map.sources.map((path) => (path.startsWith("/") ? `file://${encodeURI(path)}` : path));
  return JSON.stringify(map);
}
