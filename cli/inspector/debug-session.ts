import type { InspectedIsolate } from "../../sandbox/index.ts";

/** One debugger's conversation with a policy, over all of its versions: breakpoints stay when a new one is loaded. */
export interface DebugSession {
  fromDebugger(text: string): void;
  fromIsolate(instance: number, text: string): void;
  /** A new version is about to be loaded. @returns what its isolate is to be told before the policy runs */
  moveTo(isolate: InspectedIsolate): readonly string[];
  close(): void;
}

interface Command {
  readonly id: number;
  readonly method: string;
  readonly params?: { readonly breakpointId?: string };
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly breakpointId?: string };
}

/** Commands whose effect lasts: a new isolate gets them too. */
const LASTING =
  /\.(?:enable|setBreakpointByUrl|setBreakpointsActive|setPauseOnExceptions|setSkipAllPauses|setAsyncCallStackDepth|setBlackboxPatterns|setBlackboxExecutionContexts)$/;
/** Of these only the last one counts. */
const SETTING =
  /\.(?:setBreakpointsActive|setPauseOnExceptions|setSkipAllPauses|setAsyncCallStackDepth|setBlackbox\w+)$/;
/** Our own commands: no debugger counts so far. */
const OWN_IDS = 1_000_000_000;

/**
 * @param name the debugger's, for the sandbox
 * @param send to the debugger
 */
export function createDebugSession(
  name: number,
  first: InspectedIsolate | undefined,
  send: (text: string) => void,
): DebugSession {
  let isolate = first;
  let lasting: Command[] = [];
  /** Breakpoints that the debugger waits to be told the id of, and those it knows, by that id. */
  const asked = new Map<number, Command>();
  const breakpoints = new Map<string, Command>();
  let isPaused = false;
  let lastOwnId = OWN_IDS;

  function tell(method: string, params = {}): void {
    isolate?.send({ debugger: name, text: JSON.stringify({ id: ++lastOwnId, method, params }) });
  }

  function notify(method: string): void {
    send(JSON.stringify({ method, params: {} }));
  }

  function remember(command: Command): void {
    const { id, method, params } = command;
    if (LASTING.test(method)) {
      if (SETTING.test(method)) lasting = lasting.filter((other) => other.method !== method);
      lasting.push(command);
      if (method === "Debugger.setBreakpointByUrl") asked.set(id, command);
    } else if (method.endsWith(".disable")) {
      const domain = method.slice(0, method.indexOf("."));
      lasting = lasting.filter((other) => !other.method.startsWith(`${domain}.`));
    } else if (method === "Debugger.removeBreakpoint") {
      const known = breakpoints.get(params?.breakpointId ?? "");
      lasting = lasting.filter((other) => other !== known);
    }
  }

  return {
    fromDebugger(text) {
      const command = JSON.parse(text) as Command;
      remember(command);
      if (isolate) isolate.send({ debugger: name, text });
      else {
        const error = { code: -32000, message: "No version of the policy is loaded." };
        send(JSON.stringify({ id: command.id, error }));
      }
    },

    fromIsolate(instance, text) {
      const answer = JSON.parse(text) as Answer;
      if (answer.id !== undefined) {
        if (answer.id >= OWN_IDS) return;
        const command = asked.get(answer.id);
        asked.delete(answer.id);
        if (command && answer.result?.breakpointId) breakpoints.set(answer.result.breakpointId, command);
        send(text);
      } else if (instance === isolate?.instance) {
        if (answer.method === "Debugger.paused") isPaused = true;
        if (answer.method === "Debugger.resumed") isPaused = false;
        send(text);
      }
    },

    moveTo(next) {
      // What is paused in the version before goes on there, to its end.
      tell("Debugger.setBreakpointsActive", { active: false });
      if (isPaused) {
        tell("Debugger.resume");
        notify("Debugger.resumed");
      }
      isPaused = false;
      if (isolate) notify("Runtime.executionContextsCleared");
      isolate = next;
      return lasting.map((command) => JSON.stringify({ ...command, id: ++lastOwnId }));
    },

    close: () => isolate?.send({ debugger: name }),
  };
}
