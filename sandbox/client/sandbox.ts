import type {
  HookName,
  HostLimits,
  PolicyBundle,
  PolicyLimits,
  PolicyLogLine,
  PreparedPolicy,
  Sandbox,
  SandboxEvent,
} from "../contract.ts";
import { SandboxError } from "../errors.ts";
import { bundleGuest } from "../guest-bundle.ts";
import { loadError } from "../load-error.ts";
import { type HostMessage, type InstanceLoss, journalState, type WireLogLine } from "../protocol.ts";
import { createStackMapper } from "../source-map.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createHostKeeper } from "./host-keeper.ts";
import { type JournalNote, spawnHost } from "./host-process.ts";
import type { Deployment, Instance } from "./instance.ts";
import { createLoader, type LoadOutcome } from "./loader.ts";
import { createLogLimiter } from "./log-limiter.ts";
import { createPolicyState, type PolicyState } from "./policy-state.ts";
import { type ClientSeat, createSeat } from "./seat.ts";

export interface SandboxOptions {
  readonly limits: PolicyLimits;
  readonly host: HostLimits;
  /** Keep a second host process ready, to replace the first in no time. */
  readonly warmSpare: boolean;
  onEvent(event: SandboxEvent): void;
}

/** Starts a host process, and gives the worker's side of it. Rejects with `ERR_HOST_START`. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { limits } = options;
  const settings = { ...limits, guest: await bundleGuest() };
  const emit = options.onEvent;
  const policies = new Map<string, PolicyState>();
  const deployments = new Set<Deployment>();
  const instances = new Map<number, Instance>();
  const seats = new Map<number, ClientSeat>();
  const started = Promise.withResolvers<void>();
  let lastSeat = 0;
  let isClosed = false;

  const keeper = createHostKeeper({
    spawn: () => spawnHost(settings),
    limits: options.host,
    warmSpare: options.warmSpare,
    extraSilenceMs: () =>
      Math.max(limits.messageTimeoutMs, limits.upgradeTimeoutMs) +
      (loader.isLoading() ? limits.loadTimeoutMs : 0),
    onMessage,
    onResults: (bytes, start) => dispatcher.onResults(bytes, start),
    onLost: onHostLost,
    onBack: recover,
  });
  const loader = createLoader(() => keeper.current);
  const dispatcher = createDispatcher({
    limits,
    host: () => keeper.current,
    instance: (id) => instances.get(id),
    policy: policyState,
    policies: () => policies.values(),
    reload: (deployment) => revive(deployment),
    onIdle: drop,
    onSeatGone: (seat) => seats.delete(seat.index),
    emit,
  });

  function policyState(name: string): PolicyState {
    let policy = policies.get(name);
    if (!policy) {
      policy = createPolicyState(
        name,
        createLogLimiter(name, (line) => emit({ type: "log", line })),
      );
      policies.set(name, policy);
    }
    return policy;
  }

  function onMessage(message: HostMessage): void {
    switch (message.type) {
      case "ready":
        started.resolve();
        break;
      case "loaded":
        loader.onLoaded(message.instance, message.result);
        break;
      case "lost":
        onInstanceLost(message);
        break;
      case "tired":
        refresh(message.instance);
        break;
      case "log":
        onLog(message.instance, message.lines);
        break;
      case "pong":
        break;
    }
  }

  function load(deployment: Deployment, done: (outcome: LoadOutcome) => void): Instance {
    const instance = loader.load(deployment, (outcome) => {
      if (!outcome.ok) instances.delete(instance.id);
      done(outcome);
    });
    instances.set(instance.id, instance);
    return instance;
  }

  /** Load a deployment that has run before. */
  function revive(deployment: Deployment): void {
    const instance = load(deployment, (outcome) => {
      if (!outcome.ok && deployment.instance === instance) {
        deployment.instance = undefined;
        deployment.policy.breaker.trip(Date.now());
      }
      dispatcher.wake(deployment.policy);
    });
    deployment.instance = instance;
  }

  /** Replace an instance above its soft limit, without a gap. */
  function refresh(id: number): void {
    const deployment = instances.get(id)?.deployment;
    if (!deployment || deployment.instance?.id !== id || deployment.successor) return;
    const successor = load(deployment, (outcome) => {
      deployment.successor = undefined;
      const old = deployment.instance;
      if (!outcome.ok || old?.id !== id) {
        if (outcome.ok) retire(successor);
        return;
      }
      deployment.instance = successor;
      retire(old);
      emit({ type: "isolate-replaced", policy: deployment.policy.name, reason: "memory" });
      dispatcher.wake(deployment.policy);
    });
    deployment.successor = successor;
  }

  /** No new calls; gone after its last one. */
  function retire(instance: Instance | undefined): void {
    if (!instance || instance.state === "gone") return;
    instance.state = "retiring";
    if (instance.inFlight === 0) drop(instance);
  }

  function drop(instance: Instance): void {
    instance.state = "gone";
    instances.delete(instance.id);
    keeper.current?.send({ type: "drop", instance: instance.id });
  }

  function onInstanceLost(loss: InstanceLoss): void {
    const instance = instances.get(loss.instance);
    if (!instance) return;
    const { deployment } = instance;
    const isCurrent = deployment.instance === instance;
    dispatcher.onInstanceLost(instance, loss);
    instances.delete(instance.id);
    if (!isCurrent) return;
    emit({ type: "isolate-replaced", policy: deployment.policy.name, reason: loss.reason });
    revive(deployment);
  }

  function onHostLost(
    reason: "silent" | "memory" | "exited",
    detail: string,
    pid: number,
    note: JournalNote,
  ): void {
    started.reject(new SandboxError("ERR_HOST_START", `The sandbox's host process did not start: ${detail}`));
    if (note.state === journalState.load) loader.onKilled(note.instance);
    dispatcher.onHostLost(note);
    for (const instance of instances.values()) {
      if (instance.state === "loading") continue;
      instance.state = "gone";
      instances.delete(instance.id);
    }
    emit({ type: "host-replaced", reason, detail, pid });
    recover();
  }

  function recover(): void {
    loader.resend();
    for (const deployment of deployments) if (deployment.instance?.state === "gone") revive(deployment);
  }

  function onLog(id: number, lines: readonly WireLogLine[]): void {
    const deployment = instances.get(id)?.deployment;
    if (!deployment) return;
    for (const [index, level, text] of lines) {
      const seat = seats.get(index);
      deployment.policy.logs.write({
        level: level as PolicyLogLine["level"],
        policy: deployment.policy.name,
        route: seat?.binding.route ?? "",
        session: seat?.id ?? "",
        text,
      });
    }
  }

  function prepare(bundle: PolicyBundle): Promise<PreparedPolicy> {
    if (isClosed)
      return Promise.reject(new SandboxError("ERR_SANDBOX_CLOSED", "The sandbox has been closed."));
    const policy = policyState(bundle.name);
    const mapper = createStackMapper(bundle);
    const deployment: Deployment = {
      policy,
      bundle,
      mapper,
      exports: { hooks: [] },
      instance: undefined,
      successor: undefined,
    };
    return new Promise((resolve, reject) => {
      deployment.instance = load(deployment, (outcome) => {
        if (!outcome.ok) {
          reject(loadError(bundle, mapper, outcome.failure, limits));
          return;
        }
        const route = outcome.route === undefined ? {} : { route: outcome.route };
        deployment.exports = { hooks: outcome.hooks as HookName[], ...route };
        deployments.add(deployment);
        resolve(preparedPolicy(deployment));
      });
    });
  }

  function preparedPolicy(deployment: Deployment): PreparedPolicy {
    const { policy, bundle, exports } = deployment;
    return {
      name: bundle.name,
      version: bundle.version,
      exports,
      commit() {
        if (!deployments.has(deployment) || policy.current === deployment) return;
        const old = policy.current;
        policy.current = deployment;
        policy.breaker.reset();
        if (old) forget(old);
        dispatcher.wake(policy);
      },
      discard() {
        if (policy.current !== deployment) forget(deployment);
      },
    };
  }

  function forget(deployment: Deployment): void {
    deployments.delete(deployment);
    retire(deployment.instance);
    retire(deployment.successor);
  }

  await started.promise.catch(async (error) => {
    await keeper.close();
    throw error;
  });

  return {
    prepare,

    remove(name) {
      const policy = policies.get(name);
      if (!policy?.current) return;
      forget(policy.current);
      policy.current = undefined;
      dispatcher.wake(policy);
    },

    exports: (name) => policies.get(name)?.current?.exports,

    seat(binding, id, context, contentType) {
      const seat = createSeat(++lastSeat, binding, id, context, contentType);
      const policy = policyState(binding.policy);
      seats.set(seat.index, seat);
      return {
        submit: (call) => dispatcher.submit(policy, seat, call),
        close: () => dispatcher.closeSeat(seat),
      };
    },

    get pendingBytes() {
      return dispatcher.pendingBytes;
    },

    async close() {
      if (isClosed) return;
      isClosed = true;
      await keeper.close();
      dispatcher.close();
      for (const policy of policies.values()) policy.logs.close();
    },
  };
}
