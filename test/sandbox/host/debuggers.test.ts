import test from "ava";
import { createDebuggers } from "../../../sandbox/host/debuggers.ts";
import type { InspectorSession, Isolate } from "../../../sandbox/host/isolated-vm.ts";
import { eventually } from "../../support/eventually.ts";

test("what an isolate may not have read is followed by more, of which the debugger hears nothing", async (t) => {
  const deaf = deafIsolate();
  const told: string[] = [];
  const debuggers = createDebuggers(deaf.isolate, (_, text) => told.push(text));
  const resume = '{"id":7,"method":"Debugger.resume"}';
  debuggers.dispatch({ ...FROM_IT, text: resume });
  t.deepEqual(deaf.unread, [resume]);
  await eventually("more than the message itself", () => deaf.unread.length > 1);
  deaf.read();
  t.deepEqual(told, [resume]);
  debuggers.close();
});

test("a debugger that leaves lets go on what it has paused, and its session ends when that has been read", async (t) => {
  const deaf = deafIsolate();
  const debuggers = createDebuggers(deaf.isolate, () => {});
  debuggers.dispatch({ ...FROM_IT, text: '{"id":7,"method":"Debugger.enable"}' });
  deaf.read();
  debuggers.dispatch(FROM_IT);
  t.is(JSON.parse(deaf.unread[0]!).method, "Debugger.disable");
  await eventually("more than the message itself", () => deaf.unread.length > 1);
  t.false(deaf.isDisposed);
  deaf.read();
  t.true(deaf.isDisposed);
});

const FROM_IT = { type: "inspector", instance: 1, debugger: 1 } as const;

/** One that reads when the test wants it to, and not when it is told that there is something. */
function deafIsolate(): {
  readonly isolate: Isolate;
  readonly unread: readonly string[];
  readonly isDisposed: boolean;
  read(): void;
} {
  const unread: string[] = [];
  let isDisposed = false;
  const session: Partial<InspectorSession> = {
    dispatchProtocolMessage: (text) => void unread.push(text),
    dispose: () => {
      isDisposed = true;
    },
  };
  return {
    isolate: { createInspectorSession: () => session } as Isolate,
    unread,
    get isDisposed() {
      return isDisposed;
    },
    read() {
      for (const text of unread.splice(0)) session.onResponse?.(JSON.parse(text).id, text);
    },
  };
}
