import type { InspectorMessage } from "../wire/control.ts";
import type { InspectorSession, Isolate } from "./isolated-vm.ts";

/** The debuggers of one isolate, each with a session of its own: made with its first message. */
export interface Debuggers {
  dispatch(message: InspectorMessage): void;
  close(): void;
}

export function createDebuggers(isolate: Isolate, send: (name: number, text: string) => void): Debuggers {
  const sessions = new Map<number, InspectorSession>();

  function open(name: number): InspectorSession {
    const session = isolate.createInspectorSession();
    session.onResponse = (_, text) => send(name, text);
    session.onNotification = (text) => send(name, text);
    sessions.set(name, session);
    return session;
  }

  return {
    dispatch({ debugger: name, text }) {
      if (isolate.isDisposed) return;
      if (text !== undefined) {
        (sessions.get(name) ?? open(name)).dispatchProtocolMessage(text);
        return;
      }
      sessions.get(name)?.dispose();
      sessions.delete(name);
    },
    close() {
      for (const session of sessions.values()) session.dispose();
      sessions.clear();
    },
  };
}
