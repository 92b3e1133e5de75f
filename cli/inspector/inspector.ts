import type { DebuggerMessage, InspectedIsolate, Inspector } from "../../sandbox/index.ts";
import { createDebugSession, type DebugSession } from "./debug-session.ts";

/** The debuggers of one policy, and its newest version. */
export interface PolicyInspector extends Inspector {
  /** The isolate that is inspected; undefined while no version has been loaded. */
  readonly isolate: InspectedIsolate | undefined;
  /** @param send a message of the inspector protocol, to the debugger */
  attach(send: (text: string) => void): Pick<DebugSession, "fromDebugger" | "close">;
}

export function createPolicyInspector(): PolicyInspector {
  const sessions = new Map<number, DebugSession>();
  let isolate: InspectedIsolate | undefined;
  let lastName = 0;

  return {
    get isolate() {
      return isolate;
    },

    attach(send) {
      const name = ++lastName;
      const session = createDebugSession(name, isolate, send);
      sessions.set(name, session);
      return {
        fromDebugger: session.fromDebugger,
        close() {
          sessions.delete(name);
          session.close();
        },
      };
    },

    onLoad(next): DebuggerMessage[] {
      const told = [...sessions].flatMap(([name, session]) =>
        session.moveTo(next).map((text) => ({ debugger: name, text })),
      );
      isolate = next;
      return told;
    },

    onMessage(instance, { debugger: name, text }) {
      if (text !== undefined) sessions.get(name)?.fromIsolate(instance, text);
    },
  };
}
