import { registerHooks } from "node:module";

/** Ways from JavaScript to native code and to Node's modules. */
const LOADERS = [
  "binding",
  "_linkedBinding",
  "dlopen",
  "getBuiltinModule",
  "execve",
  "_debugProcess",
  "_debugEnd",
];
const NETWORK = ["fetch", "WebSocket", "EventSource"];

/**
 * Takes away what the host has no use for once all of its code is loaded. It is depth, and no wall: whoever has this
 * process's memory in hand needs none of it. But one who has got hold of an object of the host's and no more finds
 * neither files nor sockets behind it.
 */
export function lockDown(): void {
  for (const name of LOADERS) take(process, name);
  for (const name of NETWORK) take(globalThis, name);
  bindKillToSelf();
  registerHooks({
    resolve(specifier) {
      throw new Error(`nothing is loaded any more, and "${specifier}" is not`);
    },
  });
}

function take(holder: object, name: string): void {
  Object.defineProperty(holder, name, { value: undefined, writable: false, configurable: false });
}

/** What `process.kill` calls: the host ends itself by it, and reaches nobody else. */
function bindKillToSelf(): void {
  const inner = process as unknown as { _kill(pid: number, signal: number): number };
  const kill = inner._kill.bind(process);
  const { pid } = process;
  const value = (target: number, signal: number): number => {
    if (target !== pid) throw new Error("a sandbox host signals nobody but itself");
    return kill(pid, signal);
  };
  Object.defineProperty(process, "_kill", { value, writable: false, configurable: false });
}
