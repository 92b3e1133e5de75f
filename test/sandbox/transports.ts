import { AsyncLocalStorage } from "node:async_hooks";
import ava, { type ExecutionContext, type Implementation } from "ava";

/** How calls get to an isolate: through a socket to a process of its own, or by a call in this process. */
export type Transport = "process" | "worker";

const current = new AsyncLocalStorage<Transport>();

/** Of the test that runs; of one that was not registered here a process. */
export function transportOf(): Transport {
  return current.getStore() ?? "process";
}

interface TwiceTest {
  (title: string, body: (t: ExecutionContext) => unknown): void;
  serial(title: string, body: (t: ExecutionContext) => unknown): void;
}

/**
 * Each test twice: sandboxes that it starts, or that are its file's, hold their policies in a host process, and in this
 * process itself. In here what loops stops everything else: those have no others beside them.
 */
export const test: TwiceTest = Object.assign(twice(ava), { serial: twice(ava.serial) });

/** Of what a host does as a process, or suffers as one. */
export const processTest = ava;

function twice(
  register: (title: string, body: Implementation<[]>) => void,
): (title: string, body: (t: ExecutionContext) => unknown) => void {
  return (title, body) => {
    register(title, (t) => current.run("process", async () => void (await body(t))));
    ava.serial(`${title} (worker)`, (t) => current.run("worker", () => stayFor(async () => body(t))));
  };
}

/** No child holds this process, as a host would. */
async function stayFor(body: () => Promise<unknown>): Promise<void> {
  const holding = setInterval(() => {}, 1000);
  try {
    await body();
  } finally {
    clearInterval(holding);
  }
}
