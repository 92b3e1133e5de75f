import { constants, setPriority } from "node:os";
import type { SandboxStats } from "../../sandbox/contract/stats.ts";
import {
  HIGH_TIDE_BYTES,
  type PolicyBundle,
  type Sandbox,
  type SandboxEvent,
  type Seat,
} from "../../sandbox/contract.ts";
import { createSandbox, type Fetcher, type KvStore } from "../../sandbox/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import { pointOf } from "../routes/canary-shares.ts";
import type { ShadowWatch } from "../routes/connection-policies.ts";
import type { PlannedShadow } from "../routes/shadow-use.ts";
import { useKey } from "../routes/use-key.ts";
import { Copies } from "./copies.ts";
import { CopyingSeat } from "./copying-seat.ts";
import { ShadowBook } from "./shadow-book.ts";
import { createShadowBroker, type ShadowCapabilities } from "./shadow-broker.ts";
import { type ShadowNews, ShadowPlace } from "./shadow-place.ts";
import type { ShadowReport, ShadowTally } from "./shadow-report.ts";

export interface ShadowsOptions {
  readonly sandbox: GatewayConfig["sandbox"];
  readonly kv: Pick<KvStore, "get">;
  readonly fetcher: Pick<Fetcher, "fetch">;
  /** Bytes that the traffic's own calls hold. */
  pendingBytes(): number;
  emit: EmitEvent;
}

/** The shadows of one process: a sandbox apart, which is there from the first of them on. Nobody waits for anything in it. */
export interface Shadows extends ShadowWatch {
  /** Those that run from now on, loaded one after the other. Settles when they are, or have told why not. */
  update(shadows: readonly PlannedShadow[], capabilities: ShadowCapabilities): Promise<void>;
  report(): readonly ShadowReport[];
  takeTallies(): readonly ShadowTally[];
  /** What their hosts have cost. */
  hostUse(): SandboxStats["host"];
  close(): Promise<void>;
}

/** Of the traffic's own calls: with more a shadow has no time. */
const HELD_UP_BYTES = HIGH_TIDE_BYTES / 2;

const NO_USE: SandboxStats["host"] = { rssBytes: 0, cpuUs: 0 };

export function createShadows(options: ShadowsOptions): Shadows {
  const { emit } = options;
  const broker = createShadowBroker(options);
  const book = new ShadowBook();
  const copies = new Copies();
  let planned: ReadonlyMap<string, PlannedShadow> = new Map();
  /** What is to be loaded, by name. One that could not be is tried again with the next plan. */
  const bundles = new Map<string, PolicyBundle>();
  const loaded = new Set<string>();
  let opening: Promise<Sandbox> | undefined;
  let sandbox: Sandbox | undefined;
  let updating: Promise<void> = Promise.resolve();
  let isClosed = false;

  async function load(): Promise<void> {
    if (isClosed || planned.size === 0) return;
    opening ??= open();
    const into = await opening;
    sandbox = into;
    // Those of one place share a host: they are one version of a chain.
    into.isolate(new Map([...planned.values()].map(({ name, from }) => [name, `shadow:${from}`])));
    for (const [name, bundle] of bundles) await loadOne(into, name, bundle);
  }

  async function loadOne(into: Sandbox, name: string, bundle: PolicyBundle): Promise<void> {
    const shadow = planned.get(name);
    if (shadow === undefined || isClosed) return;
    try {
      (await into.prepare(bundle)).commit();
      if (bundles.get(name) === bundle) bundles.delete(name);
      loaded.add(name);
      book.open(shadow);
    } catch (error) {
      tellTrouble(shadow, error);
    }
  }

  /** Whatever it is, it is the shadow's. */
  function tellTrouble({ policy, from, version }: PlannedShadow, error: unknown): void {
    if (isClosed) return;
    const detail = error instanceof Error ? error.message : String(error);
    emit({ type: "shadow-failed", policy, from, version, hook: "", detail });
  }

  function tell({ result, policy, from, version, hook, kinds, detail, route, session }: ShadowNews): void {
    const about = { policy, from, version, hook, detail };
    if (result === "failed") return emit({ type: "shadow-failed", ...about });
    emit({ type: "shadow-differs", ...about, kinds, route, session });
  }

  function open(): Promise<Sandbox> {
    return createSandbox({
      ...options.sandbox,
      warmSpare: false,
      holdsProcess: false,
      broker,
      onEvent: onSandboxEvent,
    });
  }

  function onSandboxEvent(event: SandboxEvent): void {
    switch (event.type) {
      case "host-started":
        yieldCpu(event.pid);
        return emit(event);
      case "host-ended":
        return emit(event);
      case "log":
        return emit({ type: "policy-log", line: event.line });
      case "policy-quarantined": {
        const { policy: name, version, reason } = event.entry;
        const shadow = planned.get(name);
        if (shadow === undefined) return;
        return tellTrouble({ ...shadow, version }, `it has cost its sandbox host (${reason})`);
      }
      // What it costs is counted call by call.
      case "fault":
      case "isolate-replaced":
      case "host-replaced":
      case "drained":
        return;
    }
  }

  function forget(name: string): void {
    loaded.delete(name);
    sandbox?.remove(name);
  }

  return {
    update(shadows, capabilities) {
      broker.update(shadows, capabilities);
      planned = new Map(shadows.map((shadow) => [shadow.name, shadow]));
      for (const name of bundles.keys()) if (!planned.has(name)) bundles.delete(name);
      for (const { name, bundle } of shadows) if (bundle !== undefined) bundles.set(name, bundle);
      for (const name of loaded) if (!planned.has(name)) forget(name);
      updating = updating.then(load).catch((error: unknown) => {
        // Tried again with the next plan.
        if (sandbox === undefined) opening = undefined;
        for (const shadow of planned.values()) tellTrouble(shadow, error);
      });
      return updating;
    },

    watch({ runtime: { shadows }, id }, policies) {
      const apart = sandbox;
      if (shadows.length === 0 || apart === undefined) return policies;
      const chosen = shadows.filter(
        ({ shadow, sample }) => apart.exports(shadow) !== undefined && pointOf(shadow, "", id) < sample,
      );
      if (chosen.length === 0) return policies;
      const parts = {
        ...{ copies, book, sandbox: apart },
        hasLostWrites: broker.hasLostWrites,
        isHeldUp: () => options.pendingBytes() > HELD_UP_BYTES,
        onNews: tell,
      };
      return {
        exports: policies.exports,
        seat(binding, ...place): Seat {
          const seat = policies.seat(binding, ...place);
          const key = useKey(binding);
          const places = chosen.flatMap(({ use, shadow: name, options }) => {
            const shadow = use === key ? planned.get(name) : undefined;
            if (shadow === undefined) return [];
            const { canaryOptions: _, ...rest } = binding;
            return [new ShadowPlace(parts, shadow, [{ ...rest, policy: name, options }, ...place])];
          });
          return places.length === 0 ? seat : new CopyingSeat(seat, places);
        },
      };
    },

    report: () => book.read((name) => sandbox?.exports(name)?.version ?? ""),
    takeTallies: () => book.takeTallies(),
    hostUse: () => sandbox?.stats().host ?? NO_USE,

    async close() {
      isClosed = true;
      // What is being loaded there is given up: nobody waits for it.
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}

/** Of a busy machine the traffic gets more. It ends soon, or belongs to somebody else: then there is nothing to yield. */
function yieldCpu(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // As it was.
  }
}
