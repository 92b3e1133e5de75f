import type { InspectorMessage } from "../wire/control.ts";
import type { InspectorSession, Isolate } from "./isolated-vm.ts";

/** The debuggers of one isolate, each with a session of its own: made with its first message. */
export interface Debuggers {
  dispatch(message: InspectorMessage): void;
  close(): void;
}

export function createDebuggers(isolate: Isolate, send: (name: number, text: string) => void): Debuggers {
  const debuggers = new Map<number, Debugger>();

  function open(name: number): Debugger {
    const opened = createDebugger(isolate.createInspectorSession(), (text) => send(name, text));
    debuggers.set(name, opened);
    return opened;
  }

  return {
    dispatch({ debugger: name, text }) {
      if (isolate.isDisposed) return;
      if (text !== undefined) {
        (debuggers.get(name) ?? open(name)).dispatch(text);
        return;
      }
      debuggers.get(name)?.leave(() => debuggers.delete(name));
    },
    close() {
      for (const each of debuggers.values()) each.dispose();
      debuggers.clear();
    },
  };
}

interface Debugger {
  dispatch(text: string): void;
  /** Lets go on what it has paused. @param onLeft it has, and its session is gone */
  leave(onLeft: () => void): void;
  dispose(): void;
}

const NUDGE_MS = 100;
/** Above the ids of debuggers, and of those that speak for them. */
const NUDGE_IDS = 2_000_000_000;
const LEAVE_ID = 2_147_483_647;

/**
 * What is sent at the very moment at which the isolate pauses, the addon leaves unread until more is sent: it tells the
 * isolate's thread to look before that sleeps, and the thread looks only when it is woken. So each message is followed by
 * ones that do nothing, until one of them is answered: then all before it has been read.
 */
function createDebugger(session: InspectorSession, send: (text: string) => void): Debugger {
  let nudging: NodeJS.Timeout | undefined;
  let lastNudge = NUDGE_IDS;
  /** The first that was sent after the last message. */
  let firstNudge = 0;
  let onLeft: (() => void) | undefined;

  session.onNotification = send;
  session.onResponse = (id, text) => {
    if (id < NUDGE_IDS) send(text);
    else if (id === LEAVE_ID) {
      dispose();
      onLeft?.();
    } else if (id >= firstNudge) stopNudging();
  };

  function dispatch(text: string): void {
    firstNudge = lastNudge + 1;
    nudging ??= setInterval(nudge, NUDGE_MS).unref();
    session.dispatchProtocolMessage(text);
  }

  function nudge(): void {
    try {
      session.dispatchProtocolMessage(JSON.stringify({ id: ++lastNudge, method: "Schema.getDomains" }));
    } catch {
      // The isolate is gone, and its session with it.
      stopNudging();
    }
  }

  function stopNudging(): void {
    clearInterval(nudging);
    nudging = undefined;
  }

  function dispose(): void {
    stopNudging();
    session.dispose();
  }

  return {
    dispatch,
    leave(then) {
      onLeft = then;
      dispatch(JSON.stringify({ id: LEAVE_ID, method: "Debugger.disable" }));
    },
    dispose,
  };
}
