import type { PolicyBundle } from "../contract.ts";
import { createStackMapper } from "../source-map.ts";
import type { InstanceLoss } from "../wire/control.ts";
import { JOURNAL_STATE, type JournalNote } from "../wire/journal.ts";
import type { HostProcess } from "./host-process.ts";
import type { Deployment, Instance } from "./instance.ts";
import { createLoader, type Loader, type LoaderOptions, type LoadOutcome } from "./loader.ts";
import type { PolicyState } from "./policy-state.ts";

/** Which versions are loaded where, and what is loaded again when one is lost. */
export interface Instances {
  readonly loader: Loader;
  get(id: number): Instance | undefined;
  all(): Iterable<Instance>;
  /** Load a version for the first time. */
  deploy(policy: PolicyState, bundle: PolicyBundle, done: (outcome: LoadOutcome) => void): Deployment;
  isDeployed(deployment: Deployment): boolean;
  /** Those that are loaded, or to be loaded again. */
  deployed(): Iterable<Deployment>;
  /** Load a version again, whose instance is gone. */
  revive(deployment: Deployment): void;
  /** Replace an instance above its soft limit, without a gap. */
  refresh(id: number): void;
  /** No new calls for this version; it is dropped after its last one. */
  forget(deployment: Deployment): void;
  drop(instance: Instance): void;
  onInstanceLost(loss: InstanceLoss, blame: (instance: Instance) => void): void;
  onHostLost(note: JournalNote, blame: () => void): void;
  /** There is a host again: load everything. */
  recover(): void;
}

export interface InstancesOptions extends LoaderOptions {
  host(): HostProcess | undefined;
  /** A policy's queue may move. */
  wake(policy: PolicyState): void;
  onReplaced(policy: string, reason: "timeout" | "memory"): void;
}

export function createInstances(options: InstancesOptions): Instances {
  const { host, wake } = options;
  const loader = createLoader(host, options);
  const deployments = new Set<Deployment>();
  const instances = new Map<number, Instance>();

  function load(deployment: Deployment, done: (outcome: LoadOutcome) => void): Instance {
    const instance = loader.load(deployment, (outcome) => {
      if (!outcome.ok) instances.delete(instance.id);
      done(outcome);
    });
    instances.set(instance.id, instance);
    return instance;
  }

  function revive(deployment: Deployment): void {
    const instance = load(deployment, (outcome) => {
      if (!outcome.ok && deployment.instance === instance) {
        deployment.instance = undefined;
        deployment.policy.breaker.trip(Date.now());
      } else if (outcome.ok && deployment.instance !== instance) retire(instance);
      wake(deployment.policy);
    });
    deployment.instance = instance;
  }

  function retire(instance: Instance | undefined): void {
    if (!instance || instance.state === "gone" || instance.state === "loading") return;
    instance.state = "retiring";
    if (instance.inFlight === 0) drop(instance);
  }

  function drop(instance: Instance): void {
    instance.state = "gone";
    instances.delete(instance.id);
    host()?.send({ type: "drop", instance: instance.id });
  }

  function recover(): void {
    loader.resend();
    for (const deployment of deployments) if (deployment.instance?.state === "gone") revive(deployment);
  }

  return {
    loader,
    get: (id) => instances.get(id),
    all: () => instances.values(),
    isDeployed: (deployment) => deployments.has(deployment),
    deployed: () => deployments,

    deploy(policy, bundle, done) {
      const mapper = createStackMapper(bundle);
      const exports = { hooks: [] };
      const deployment: Deployment = {
        policy,
        bundle,
        mapper,
        exports,
        holders: 0,
        instance: undefined,
        successor: undefined,
      };
      deployment.instance = load(deployment, (outcome) => {
        if (outcome.ok) deployments.add(deployment);
        done(outcome);
      });
      return deployment;
    },

    revive,

    refresh(id) {
      const deployment = instances.get(id)?.deployment;
      if (!deployment || deployment.instance?.id !== id || deployment.successor) return;
      const successor = load(deployment, (outcome) => {
        deployment.successor = undefined;
        const old = deployment.instance;
        if (!outcome.ok) return;
        if (old?.id !== id || !deployments.has(deployment)) {
          retire(successor);
          return;
        }
        deployment.instance = successor;
        retire(old);
        options.onReplaced(deployment.policy.name, "memory");
        wake(deployment.policy);
      });
      deployment.successor = successor;
    },

    forget(deployment) {
      deployments.delete(deployment);
      const { instance } = deployment;
      deployment.instance = undefined;
      retire(instance);
    },

    drop,

    onInstanceLost(loss, blame) {
      const instance = instances.get(loss.instance);
      if (!instance) return;
      const { deployment } = instance;
      blame(instance);
      instance.state = "gone";
      instances.delete(instance.id);
      if (deployment.instance !== instance) return;
      options.onReplaced(deployment.policy.name, loss.reason);
      revive(deployment);
    },

    onHostLost(note, blame) {
      if (note.state === JOURNAL_STATE.load) loader.onKilled(note.instance);
      blame();
      for (const instance of instances.values()) {
        if (instance.state === "loading") continue;
        instance.state = "gone";
        instances.delete(instance.id);
      }
    },

    recover,
  };
}
