import type { LoadFailure, LoadResult } from "../protocol.ts";
import { scriptName } from "../source-map.ts";
import type { HostProcess } from "./host-process.ts";
import type { Deployment, Instance } from "./instance.ts";

export type LoadOutcome =
  | Extract<LoadResult, { readonly ok: true }>
  | {
      readonly ok: false;
      readonly failure: Omit<LoadFailure, "reason"> & { readonly reason: LoadFailure["reason"] | "killed" };
    };

/** Loads deployments into hosts, and again when the host goes meanwhile. */
export interface Loader {
  load(deployment: Deployment, done: (outcome: LoadOutcome) => void): Instance;
  onLoaded(instance: number, result: LoadResult): void;
  /** The host died while it loaded this instance: that is the end of this load. */
  onKilled(instance: number): void;
  /** Send what is not loaded yet to a new host. */
  resend(): void;
  isLoading(): boolean;
}

interface Load {
  readonly instance: Instance;
  readonly done: (outcome: LoadOutcome) => void;
}

export function createLoader(
  host: () => HostProcess | undefined,
  testTime?: (policy: string) => number,
): Loader {
  const loads = new Map<number, Load>();
  let lastId = 0;

  function send({ id, deployment: { bundle } }: Instance): void {
    const { code, name } = bundle;
    const time = testTime && { testTime: testTime(name) };
    host()?.send({ type: "load", instance: id, code, filename: scriptName(name), ...time });
  }

  function finish(id: number, outcome: LoadOutcome): void {
    const load = loads.get(id);
    if (!load) return;
    loads.delete(id);
    if (load.instance.state === "loading") load.instance.state = outcome.ok ? "ready" : "gone";
    load.done(outcome);
  }

  return {
    load(deployment, done) {
      const instance: Instance = { id: ++lastId, deployment, state: "loading", inFlight: 0, heapBytes: 0 };
      loads.set(instance.id, { instance, done });
      send(instance);
      return instance;
    },
    onLoaded: finish,
    onKilled: (id) => finish(id, { ok: false, failure: { reason: "killed", message: "", stack: "" } }),
    resend() {
      for (const { instance } of loads.values()) send(instance);
    },
    isLoading: () => loads.size > 0,
  };
}
