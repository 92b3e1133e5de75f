import type { PolicyBundle } from "../contract.ts";
import { scriptName } from "../source-map.ts";
import type { LoadFailure, LoadResult } from "../wire/guest-entry.ts";
import type { HostProcess } from "./host-process.ts";
import { type DebuggerMessage, type Inspector, withSourceMap } from "./inspector.ts";
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

export interface LoaderOptions {
  /** Tests only: the time that a policy sees when it is loaded. */
  testTime?(policy: string): number;
  /** Development only. */
  readonly inspector?: Inspector | undefined;
}

export function createLoader(
  host: () => HostProcess | undefined,
  { testTime, inspector }: LoaderOptions = {},
): Loader {
  const loads = new Map<number, Load>();
  let lastId = 0;

  function send({ id, deployment: { bundle } }: Instance): void {
    const { code, name } = bundle;
    const time = testTime && { testTime: testTime(name) };
    const filename = scriptName(name);
    if (inspector === undefined) host()?.send({ type: "load", instance: id, code, filename, ...time });
    else sendInspected(id, bundle, inspector);
  }

  function sendInspected(instance: number, bundle: PolicyBundle, inspector: Inspector): void {
    const { name: policy, version, file } = bundle;
    const toHost = (message: DebuggerMessage) => ({ type: "inspector", instance, ...message }) as const;
    const send = (message: DebuggerMessage) => host()?.send(toHost(message));
    const inspect = inspector.onLoad({ instance, policy, version, file, send }).map(toHost);
    const code = withSourceMap(bundle.code, bundle.sourceMap);
    host()?.send({ type: "load", instance, code, filename: scriptName(policy), inspect });
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
