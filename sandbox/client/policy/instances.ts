import type { HookName, PolicyBundle } from "../../contract.ts";
import type { HostUsage, InstanceLoss, LossReason } from "../../wire/control.ts";
import type { LoadFailure, LoadResult } from "../../wire/guest-entry.ts";
import { JOURNAL_STATE, type JournalNote } from "../../wire/journal.ts";
import type { HostProcess } from "../process/host-process.ts";
import { Deployment, type DeploymentCommand, type DeploymentEvent, NO_INSTANCE } from "./deployment.ts";
import { ClientInstance, type InstanceEvent } from "./instance.ts";
import { createLoad, type InstanceLoadOptions } from "./load.ts";

export type LoadOutcome =
  | Extract<LoadResult, { readonly ok: true }>
  | {
      readonly ok: false;
      readonly failure: Omit<LoadFailure, "reason"> & { readonly reason: LoadFailure["reason"] | "killed" };
    };

/** Carries out what deployments and their instances decide: loads them into hosts, and drops them. */
export interface Instances {
  /** Undefined: it is gone. */
  get(id: number): ClientInstance | undefined;
  all(): Iterable<ClientInstance>;
  isLoading(): boolean;
  /** Load a version for the first time. */
  deploy(bundle: PolicyBundle, done: (outcome: LoadOutcome) => void): Deployment;
  /** The instance that takes this version's calls; if there is none, one is loaded. Undefined: it cannot take any now. */
  ready(deployment: Deployment): ClientInstance | undefined;
  /** No new calls for this version; it is dropped after its last one. */
  forget(deployment: Deployment): void;
  /** It is retiring, and its last call has come back. */
  onIdle(instance: ClientInstance): void;
  onLoaded(id: number, result: LoadResult): void;
  /** Replace an instance above its soft limit, without a gap. */
  onTired(id: number): void;
  /** @param blame Takes back its calls. */
  onLost(loss: InstanceLoss, blame: (instance: ClientInstance) => void): void;
  /**
   * The next host, if there is one already, has nothing loaded.
   *
   * @param note Undefined: nothing that the host said is to be trusted.
   */
  onHostLost(note: JournalNote | undefined, blame: () => void): void;
  /** There is a host again. */
  onHostBack(): void;
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
}

/** Hosts that die so often while one version is on its way into them die of it, whatever they say. */
const MAX_LOST_LOADS = 8;
const KILLED: LoadOutcome = { ok: false, failure: { reason: "killed", message: "", stack: "" } };

export function createInstances(
  host: () => HostProcess | undefined,
  options?: InstanceLoadOptions,
): Instances {
  const load = createLoad(host, options);
  const instances = new Map<number, ClientInstance>();
  const preparing = new Map<Deployment, (outcome: LoadOutcome) => void>();
  let lastId = 0;
  let listener: InstancesListener | undefined;

  function add(id: number, deployment: Deployment): void {
    const instance = new ClientInstance(id, deployment);
    instances.set(id, instance);
    load(instance);
  }

  function advance(deployment: Deployment, event: DeploymentEvent): void {
    for (const command of deployment.advance(event)) carryOut(deployment, command);
  }

  function carryOut(deployment: Deployment, command: DeploymentCommand): void {
    switch (command.type) {
      case "load":
        add(command.instance, deployment);
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
    if (instance.state === "gone") instances.delete(instance.id);
    if (commands.includes("drop")) host()?.send({ type: "drop", instance: instance.id });
  }

  function retire(id: number): void {
    const instance = instances.get(id);
    if (instance === undefined) return;
    advanceInstance(instance, "retire");
    if (instance.isIdle) advanceInstance(instance, "idle");
  }

  function onLoaded(id: number, outcome: LoadOutcome): void {
    const instance = instances.get(id);
    if (!instance?.isLoading) return;
    const { deployment } = instance;
    advanceInstance(instance, outcome.ok ? "loaded" : "lost");
    advance(deployment, { type: outcome.ok ? "loaded" : "failed", instance: id });
    const done = preparing.get(deployment);
    if (done === undefined) return;
    preparing.delete(deployment);
    if (outcome.ok) {
      const { ok, hooks, ...data } = outcome;
      deployment.expose({ hooks: hooks as HookName[], ...data });
    }
    done(outcome);
  }

  function sendAgain(): void {
    for (const instance of instances.values()) if (instance.isLoading) load(instance);
  }

  return {
    get: (id) => instances.get(id),
    all: () => instances.values(),
    isLoading() {
      for (const instance of instances.values()) if (instance.isLoading) return true;
      return false;
    },

    deploy(bundle, done) {
      const deployment = new Deployment(bundle, ++lastId);
      preparing.set(deployment, done);
      add(deployment.serving, deployment);
      return deployment;
    },

    ready(deployment) {
      if (deployment.serving === NO_INSTANCE) advance(deployment, { type: "needed", fresh: ++lastId });
      const instance = instances.get(deployment.serving);
      return instance?.state === "ready" ? instance : undefined;
    },

    forget: (deployment) => advance(deployment, { type: "forget" }),
    onIdle: (instance) => advanceInstance(instance, "idle"),
    onLoaded,

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

    onHostLost(note, blame) {
      if (note?.state === JOURNAL_STATE.load) onLoaded(note.instance, KILLED);
      for (const instance of [...instances.values()])
        if (instance.isLoading && instance.loseLoad() >= MAX_LOST_LOADS) onLoaded(instance.id, KILLED);
      const lost = [...instances.values()].filter((instance) => !instance.isLoading);
      for (const instance of lost) advanceInstance(instance, "lost");
      blame();
      sendAgain();
      for (const { id, deployment } of lost)
        advance(deployment, { type: "host-lost", instance: id, fresh: ++lastId });
    },

    onHostBack: sendAgain,

    onUsage(heaps) {
      for (const [id, bytes] of heaps) instances.get(id)?.measure(bytes);
    },

    attach(next) {
      listener = next;
    },
  };
}
