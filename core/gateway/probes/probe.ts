import type { PolicyBundle, PolicyExports, Sandbox } from "../../../sandbox/contract.ts";
import { SandboxError } from "../../../sandbox/index.ts";

export interface VersionProbe {
  /** Versions of these policies are being built. */
  expect(policies: readonly string[]): void;
  /** Load a bundle and say what it exports; rejects with the author's message, frame or stack. */
  exportsOf(bundle: PolicyBundle): Promise<PolicyExports>;
  /** Why there was no host process for the last load: no fault of its policy's. Undefined: there was one. */
  readonly hostFault: SandboxError | undefined;
  /** Loads that are going on are given up, and there are no more. */
  close(): Promise<void>;
}

const IDLE_MS = 60_000;

/**
 * A sandbox of its own, away from all traffic, in which each new version is loaded first. It is there only while policies
 * come: what one of them leaves behind at its load, and the memory of a process, goes with it.
 *
 * @param open tried again at the next load when it rejects
 * @param idleMs how long after the last load it stays, for who saves a file saves it again
 */
export function createProbe(open: () => Promise<Sandbox>, idleMs = IDLE_MS): VersionProbe {
  let sandbox: Promise<Sandbox> | undefined;
  let uses = 0;
  let ending: NodeJS.Timeout | undefined;
  let hostFault: SandboxError | undefined;
  let isClosed = false;
  /** Those that wait for a load. */
  const waiting = new Set<(error: SandboxError) => void>();

  function opened(): Promise<Sandbox> {
    sandbox ??= open().catch((error) => {
      sandbox = undefined;
      throw error;
    });
    return sandbox;
  }

  async function end(): Promise<void> {
    clearTimeout(ending);
    const last = sandbox;
    sandbox = undefined;
    await last?.then((opened) => opened.close()).catch(() => {});
  }

  async function load(bundle: PolicyBundle): Promise<PolicyExports> {
    const prepared = await (await opened()).prepare(bundle);
    prepared.discard();
    return prepared.exports;
  }

  /** A load may take as long as a policy likes; a gateway that is to stop does not wait for it. */
  async function unlessClosed<T>(task: () => Promise<T>): Promise<T> {
    if (isClosed) throw closedError();
    const { promise, reject } = Promise.withResolvers<never>();
    waiting.add(reject);
    try {
      return await Promise.race([task(), promise]);
    } finally {
      waiting.delete(reject);
    }
  }

  async function use<T>(task: () => Promise<T>): Promise<T> {
    clearTimeout(ending);
    uses++;
    try {
      return await unlessClosed(task);
    } finally {
      uses--;
      if (uses === 0 && !isClosed) ending = setTimeout(end, idleMs).unref();
    }
  }

  return {
    expect() {
      // Who comes with a version is told what is wrong.
      use(async () => (await opened()).expectVersions()).catch(() => {});
    },
    async exportsOf(bundle) {
      try {
        const exports = await use(() => load(bundle));
        hostFault = undefined;
        return exports;
      } catch (error) {
        hostFault = isHostFault(error) ? error : undefined;
        throw error;
      }
    },
    get hostFault() {
      return hostFault;
    },
    close() {
      isClosed = true;
      for (const reject of waiting) reject(closedError());
      return end();
    },
  };
}

export function isHostFault(error: unknown): error is SandboxError {
  return error instanceof SandboxError && error.code === "ERR_HOST_START";
}

export function closedError(): SandboxError {
  return new SandboxError("ERR_SANDBOX_CLOSED", "The gateway is stopping.");
}
