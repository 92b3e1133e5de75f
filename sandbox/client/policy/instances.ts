import type { HookName } from "../../contract/hooks.ts";
import type { PolicyBundle, PolicyExports } from "../../contract.ts";
import type { When } from "../../policy-api.ts";
import type { HostUsage, InstanceLoss, LossReason } from "../../wire/control.ts";
import type { LoadFailure, LoadResult } from "../../wire/guest-entry.ts";
import { JOURNAL_STATE, type JournalNote } from "../../wire/journal.ts";
import type { Host } from "../transport/host.ts";
import { Deployment, type DeploymentCommand, type DeploymentEvent, NO_INSTANCE } from "./deployment.ts";
import { ClientInstance, type InstanceEvent } from "./instance.ts";
import { createLoad, type InstanceLoadOptions } from "./load.ts";
import { chooseReserve } from "./reserves.ts";

export type LoadOutcome =
  | Extract<LoadResult, { readonly ok: true }>
  | {
      readonly ok: false;
      readonly failure: Omit<LoadFailure, "reason"> & {
        readonly reason: LoadFailure["reason"] | "killed" | "no-host";
      };
    };

/** Where versions are loaded. */
export interface Places {
  /** The isolation group that this version belongs to now. */
  groupOf(bundle: PolicyBundle): string;
  /** Each of its calls is to be an entry of its own. */
  runsOneByOne(bundle: PolicyBundle): boolean;
  /** The host of a group; it is started when there is none. Undefined while hosts of that group do not even start. */
  hostOf(group: string): Host | undefined;
  /** The one that would take its place at once. */
  standbyOf(group: string): Host | undefined;
}

/** Carries out what deployments and their instances decide: loads them into hosts, and drops them. */
export interface Instances {
  /** Undefined: it is gone. */
  get(id: number): ClientInstance | undefined;
  all(): Iterable<ClientInstance>;
  in(host: Host): readonly ClientInstance[];
  /** Something is being loaded in this host. */
  isLoading(host: Host): boolean;
  /** Something is being loaded in this host, or calls are under way there. */
  isBusy(host: Host): boolean;
  /** Isolation groups that have an instance. */
  groups(): ReadonlySet<string>;
  /** Load a version for the first time. */
  deploy(bundle: PolicyBundle, done: (outcome: LoadOutcome) => void): Deployment;
  /** The instance that takes this version's calls, or will when it is ready; if there is none, one is loaded. */
  serving(deployment: Deployment): ClientInstance | undefined;
  /** Other groups are asked of `Places` from now on: what is in a wrong one moves, without a gap. */
  relocate(): void;
  /** No new calls for this version; it is dropped after its last one. */
  forget(deployment: Deployment): void;
  /** It is retiring, and its last call has come back. */
  onIdle(instance: ClientInstance): void;
  onLoaded(id: number, result: LoadResult): void;
  /** Replace an instance above its soft limit, without a gap. */
  onTired(id: number): void;
  /** @param blame Takes back its calls. */
  onLost(loss: InstanceLoss, blame: (instance: ClientInstance) => void): void;
  /** The host that stands by for a group has nothing to do: one more of what the group has is loaded ahead. */
  stockUp(group: string): void;
  /** The host that serves a group has a moment: one of those that were lost with the last one, and that no call needed, is loaded. */
  restock(group: string): void;
  /**
   * The next host of its group, if there is one already, has loaded at most what was loaded ahead.
   *
   * @param note Undefined: nothing that the host said is to be trusted.
   */
  onHostLost(lost: Host, note: JournalNote | undefined, blame: () => void): void;
  /** There is none of this group, and nobody knows when: what is loaded for the first time has failed. */
  onNoHost(group: string, detail: string): void;
  /** There is a host of this group again. */
  onHostBack(group: string): void;
  onUsage(heaps: HostUsage["heaps"]): void;
  /** From now on, what comes of it is told to this one. */
  attach(listener: InstancesListener): void;
}

export interface InstancesListener {
  /** Calls that wait for this version may go. */
  onServing(deployment: Deployment): void;
  /** It could not be loaded again. */
  onUnserved(deployment: Deployment): void;
  onReplaced(policy: string, reason: LossReason): void;
  /** An instance is gone, or will not be loaded again, and may have been the last of its group. */
  onGone(): void;
}

/** Hosts that die so often while one version is on its way into them die of it, whatever they say. */
/** What one host says of a version outlives it, so another host that says otherwise is heard: one of them lies. */
const OTHER_EXPORTS: LoadOutcome = {
  ok: false,
  failure: { reason: "throw", message: "it exports other hooks or another `when` than before", stack: "" },
};
const MAX_LOST_LOADS = 8;

export function createInstances(places: Places, options?: InstanceLoadOptions): Instances {
  const load = createLoad(options);
  const instances = new Map<number, ClientInstance>();
  const preparing = new Map<Deployment, (outcome: LoadOutcome) => void>();
  /** Lost with their hosts, and loaded again when a call needs them, or when there is time. */
  const absent = new Map<Deployment, string>();
  /** Not tried again. */
  const notLoadedAhead = new WeakSet<Deployment>();
  let lastId = 0;
  let listener: InstancesListener | undefined;

  function add(id: number, deployment: Deployment, hostOf = places.hostOf): void {
    const instance = new ClientInstance(id, deployment);
    instances.set(id, instance);
    house(instance, hostOf);
  }

  function house(instance: ClientInstance, hostOf = places.hostOf): void {
    const { bundle } = instance.deployment;
    const group = places.groupOf(bundle);
    instance.house(group, hostOf(group), places.runsOneByOne(bundle));
    load(instance);
  }

  function inHost(host: Host): readonly ClientInstance[] {
    return [...instances.values()].filter((instance) => instance.host === host);
  }

  /** Of a version that has moved. */
  function withdraw(deployment: Deployment): void {
    const reserve = instances.get(deployment.reserve);
    if (reserve !== undefined && reserve.group !== places.groupOf(deployment.bundle))
      advance(deployment, { type: "withdraw" });
  }

  function relocate(deployment: Deployment): void {
    withdraw(deployment);
    const instance = instances.get(deployment.serving);
    if (instance?.state !== "ready" || instance.group === places.groupOf(deployment.bundle)) return;
    advance(deployment, { type: "move", instance: instance.id, fresh: ++lastId });
  }

  function advance(deployment: Deployment, event: DeploymentEvent): void {
    for (const command of deployment.advance(event)) carryOut(deployment, command);
  }

  function carryOut(deployment: Deployment, command: DeploymentCommand): void {
    switch (command.type) {
      case "load":
        add(command.instance, deployment);
        break;
      case "load-ahead":
        add(command.instance, deployment, places.standbyOf);
        break;
      case "retire":
        retire(command.instance);
        break;
      case "wake":
        listener?.onServing(deployment);
        break;
      case "trip":
        listener?.onUnserved(deployment);
        break;
      case "tell-replaced":
        listener?.onReplaced(deployment.bundle.name, command.reason);
        break;
    }
  }

  function advanceInstance(instance: ClientInstance, event: InstanceEvent): void {
    const commands = instance.advance(event);
    if (instance.state === "gone") {
      instances.delete(instance.id);
      listener?.onGone();
    }
    if (commands.includes("drop")) instance.host?.send({ type: "drop", instance: instance.id });
  }

  function retire(id: number): void {
    const instance = instances.get(id);
    if (instance === undefined) return;
    advanceInstance(instance, "retire");
    if (instance.isIdle) advanceInstance(instance, "idle");
  }

  function onLoaded(id: number, loaded: LoadOutcome): void {
    const instance = instances.get(id);
    if (!instance?.isLoading) return;
    const { deployment } = instance;
    const isFirst = preparing.has(deployment);
    const outcome = isFirst || isAsBefore(loaded, deployment.exports) ? loaded : OTHER_EXPORTS;
    if (!outcome.ok && id === deployment.reserve) notLoadedAhead.add(deployment);
    advanceInstance(instance, outcome.ok ? "loaded" : "lost");
    advance(deployment, { type: outcome.ok ? "loaded" : "failed", instance: id });
    const done = preparing.get(deployment);
    if (done !== undefined) {
      preparing.delete(deployment);
      if (outcome.ok) {
        const { ok, hooks, when, ...data } = outcome;
        // Both were checked as they came.
        deployment.expose({
          hooks: hooks as HookName[],
          ...data,
          ...(when !== undefined && { when: when as When }),
        });
      }
      done(outcome);
    }
    // Where it belongs may have changed while it was on its way.
    relocate(deployment);
  }

  function fail(id: number, reason: "killed" | "no-host", message = ""): void {
    onLoaded(id, { ok: false, failure: { reason, message, stack: "" } });
  }

  /** It is loaded into the next host as it was to be into this one: nothing else could take its place. */
  function isLoadedAgain({ id, state, deployment }: ClientInstance): boolean {
    const { serving, reserve } = deployment;
    return state === "loading" && id !== reserve && (id !== serving || reserve === NO_INSTANCE);
  }

  function isAbsent({ stage, serving }: Deployment): boolean {
    return stage === "deployed" && serving === NO_INSTANCE;
  }

  return {
    get: (id) => instances.get(id),
    all: () => instances.values(),
    in: inHost,
    isLoading(host) {
      for (const instance of instances.values())
        if (instance.isLoading && instance.host === host) return true;
      return false;
    },
    isBusy(host) {
      for (const instance of instances.values())
        if (instance.host === host && (instance.isLoading || instance.inFlight > 0)) return true;
      return false;
    },
    groups: () => new Set([...[...instances.values()].map(({ group }) => group), ...absent.values()]),

    deploy(bundle, done) {
      const deployment = new Deployment(bundle, ++lastId);
      preparing.set(deployment, done);
      add(deployment.serving, deployment);
      return deployment;
    },

    serving(deployment) {
      if (deployment.serving === NO_INSTANCE) advance(deployment, { type: "needed", fresh: ++lastId });
      return instances.get(deployment.serving);
    },

    relocate() {
      for (const deployment of new Set([...instances.values()].map(({ deployment }) => deployment)))
        relocate(deployment);
    },

    forget(deployment) {
      advance(deployment, { type: "forget" });
      if (absent.delete(deployment)) listener?.onGone();
    },
    onIdle: (instance) => advanceInstance(instance, "idle"),
    onLoaded,

    stockUp(group) {
      const there = [...instances.values()].filter((instance) => instance.group === group);
      if (there.some(({ isLoading }) => isLoading)) return;
      const isLoadable = (one: Deployment) =>
        places.groupOf(one.bundle) === group && !notLoadedAhead.has(one);
      const deployment = chooseReserve(there, isLoadable);
      if (deployment !== undefined) advance(deployment, { type: "reserve", fresh: ++lastId });
    },

    restock(group) {
      if ([...instances.values()].some((instance) => instance.group === group && instance.isLoading)) return;
      for (const [deployment, own] of absent) {
        if (own !== group) continue;
        absent.delete(deployment);
        if (isAbsent(deployment) && group === places.groupOf(deployment.bundle)) {
          // One at a time: the CPU is for the calls.
          advance(deployment, { type: "needed", fresh: ++lastId });
          return;
        }
        listener?.onGone();
      }
    },

    onTired(id) {
      const deployment = instances.get(id)?.deployment;
      if (deployment !== undefined) advance(deployment, { type: "tired", instance: id, fresh: ++lastId });
    },

    onLost(loss, blame) {
      const instance = instances.get(loss.instance);
      if (instance === undefined) return;
      advanceInstance(instance, "lost");
      blame(instance);
      const { reason } = loss;
      advance(instance.deployment, { type: "lost", instance: instance.id, reason, fresh: ++lastId });
    },

    onHostLost(host, note, blame) {
      const there = inHost(host);
      for (const instance of there.filter(({ isLoading }) => isLoading)) {
        const isGuilty = note?.state === JOURNAL_STATE.load && note.instance === instance.id;
        if (isGuilty || instance.loseLoad() >= MAX_LOST_LOADS) fail(instance.id, "killed");
      }
      const left = there.filter(({ state }) => state !== "gone");
      // What has moved, for what it has done to this host, is not served from where it was loaded ahead.
      for (const { deployment } of left) withdraw(deployment);
      const again = left.filter(isLoadedAgain);
      const lost = left.filter((instance) => !again.includes(instance));
      for (const instance of lost) advanceInstance(instance, "lost");
      blame();
      for (const instance of again) house(instance);
      for (const { id, deployment, group } of lost) {
        // A host loads one after the other: those are first whose calls wait.
        advance(deployment, { type: "host-lost", instance: id });
        // What is apart now would start a process meanwhile: it can wait until a call wants it.
        if (isAbsent(deployment) && group === places.groupOf(deployment.bundle))
          absent.set(deployment, group);
      }
    },

    onNoHost(group, detail) {
      for (const { id, deployment, group: own } of [...instances.values()])
        if (own === group && preparing.has(deployment)) fail(id, "no-host", detail);
    },

    onHostBack(group) {
      for (const instance of instances.values())
        if (instance.isLoading && instance.host === undefined && instance.group === group) house(instance);
    },

    onUsage(heaps) {
      for (const [id, bytes] of heaps) instances.get(id)?.measure(bytes);
    },

    attach(next) {
      listener = next;
    },
  };
}

function isAsBefore(loaded: LoadOutcome, before: PolicyExports): boolean {
  if (!loaded.ok) return true;
  const said = ({ hooks, when }: { readonly hooks: unknown; readonly when?: unknown }) =>
    JSON.stringify([hooks, when]);
  return said(loaded) === said(before);
}
