import { once } from "node:events";
import {
  generatedPositionFor,
  LEAST_UPPER_BOUND,
  originalPositionFor,
  TraceMap,
} from "@jridgewell/trace-mapping";
import type { ExecutionContext } from "ava";
import { WebSocket } from "ws";

type Params = Readonly<Record<string, unknown>>;
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

interface Location {
  readonly scriptId: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** A place in the author's file, lines from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What Chrome DevTools does, as far as a test needs it. */
export interface DevTools {
  ask(method: string, params?: Params): Promise<Params>;
  /** The next event of this kind that has not been taken. */
  event(method: string): Promise<Params>;
  /** The policy's script in the version that came last: where its file and line are in it, by its source map. */
  breakAt(file: string, line: number): Promise<void>;
  /** Where a paused call is. */
  placeOf(paused: Params): Place;
  close(): void;
}

export async function openDevTools(t: ExecutionContext, url: string): Promise<DevTools> {
  const socket = new WebSocket(url);
  t.teardown(() => socket.terminate());
  const waiting = new Map<number, (message: Message) => void>();
  const events: Message[] = [];
  /** By the script's id; the newest last. */
  const scripts = new Map<string, { readonly url: string; readonly map: TraceMap }>();
  let wake = () => {};
  let lastId = 0;
  socket.on("message", (data) => {
    const message: Message = JSON.parse(String(data));
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else {
      events.push(message);
      if (message.method === "Debugger.scriptParsed") onScript(message.params!);
      wake();
    }
  });
  await once(socket, "open");

  function onScript({ url: name, sourceMapURL, scriptId }: Params): void {
    if (!String(name).startsWith("framegate-policy:")) return;
    const [, json] = String(sourceMapURL).split("base64,");
    const map = new TraceMap(Buffer.from(json!, "base64").toString());
    scripts.delete(String(scriptId));
    scripts.set(String(scriptId), { url: String(name), map });
  }

  function ask(method: string, params: Params = {}): Promise<Params> {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result!)));
      socket.send(JSON.stringify({ id, method, params }));
    });
  }

  return {
    ask,
    async event(method) {
      for (;;) {
        const at = events.findIndex((event) => event.method === method);
        if (at >= 0) return events.splice(at, 1)[0]!.params!;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async breakAt(file, line) {
      const { url: name, map } = [...scripts.values()].at(-1)!;
      const source = map.sources.find((each) => each?.endsWith(file))!;
      const position = generatedPositionFor(map, { source, line, column: 0, bias: LEAST_UPPER_BOUND });
      if (position.line === null) throw new Error(`${file}:${line} is not in the script`);
      await ask("Debugger.setBreakpointByUrl", {
        url: name,
        lineNumber: position.line - 1,
        columnNumber: position.column,
      });
    },
    placeOf({ callFrames }) {
      const [{ location }] = callFrames as [{ readonly location: Location }];
      const { map } = scripts.get(location.scriptId)!;
      const { lineNumber, columnNumber: column } = location;
      const found = originalPositionFor(map, { line: lineNumber + 1, column });
      return { file: String(found.source), line: found.line! };
    },
    close: () => socket.close(),
  };
}
