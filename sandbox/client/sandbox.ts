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
import type { HostMessage, WireLogLine } from "../protocol.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createHostKeeper, type HostEnd } from "./host-keeper.ts";
import { type HostProcess, type JournalNote, spawnHost } from "./host-process.ts";
import type { Deployment } from "./instance.ts";
import { createInstances } from "./instances.ts";
import { createLogLimiter } from "./log-limiter.ts";
import { createPolicyState, type PolicyState } from "./policy-state.ts";
import { type ClientSeat, createSeat } from "./seat.ts";
import { throwLater } from "./settler.ts";

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
  const policies = new Map<string, PolicyState>();
  const seats = new Map<number, ClientSeat>();
  const started = Promise.withResolvers<void>();
  const slowestHookMs = Math.max(limits.messageTimeoutMs, limits.upgradeTimeoutMs);
  let lastSeat = 0;
  let isClosed = false;

  const keeper = createHostKeeper({
    spawn: startHost,
    limits: options.host,
    warmSpare: options.warmSpare,
    extraSilenceMs: () => slowestHookMs + (instances.loader.isLoading() ? limits.loadTimeoutMs : 0),
    onMessage,
    onResults: (bytes, start) => dispatcher.onResults(bytes, start),
    onLost: onHostLost,
    onBack: () => instances.recover(),
  });
  const instances = createInstances({
    host: () => keeper.current,
    wake: (policy) => dispatcher.wake(policy),
    onReplaced: (policy, reason) => emit({ type: "isolate-replaced", policy, reason }),
  });
  const dispatcher = createDispatcher({
    limits,
    host: () => keeper.current,
    instance: instances.get,
    policy: policyState,
    policies: () => policies.values(),
    reload: instances.revive,
    onIdle: instances.drop,
    onSeatGone: (seat) => seats.delete(seat.index),
    emit,
  });

  function emit(event: SandboxEvent): void {
    try {
      options.onEvent(event);
    } catch (error) {
      throwLater(error);
    }
  }

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

  function startHost(): HostProcess {
    const host = spawnHost(settings);
    emit({ type: "host-started", pid: host.pid });
    void host.exited.then(() => emit({ type: "host-ended", pid: host.pid }));
    return host;
  }

  function onMessage(message: HostMessage): void {
    switch (message.type) {
      case "ready":
        started.resolve();
        break;
      case "loaded":
        instances.loader.onLoaded(message.instance, message.result);
        break;
      case "lost":
        instances.onInstanceLost(message, (instance) => dispatcher.onInstanceLost(instance, message));
        break;
      case "tired":
        instances.refresh(message.instance);
        break;
      case "log":
        onLog(message.instance, message.lines);
        break;
      case "pong":
        break;
    }
  }

  function onHostLost(reason: HostEnd, detail: string, pid: number, note: JournalNote): void {
    started.reject(new SandboxError("ERR_HOST_START", `The sandbox's host process did not start: ${detail}`));
    instances.onHostLost(note, () => dispatcher.onHostLost(note));
    emit({ type: "host-replaced", reason, detail, pid });
    instances.recover();
  }

  function onLog(id: number, lines: readonly WireLogLine[]): void {
    const policy = instances.get(id)?.deployment.policy;
    if (!policy) return;
    for (const [index, level, text] of lines) {
      const seat = seats.get(index);
      policy.logs.write({
        level: level as PolicyLogLine["level"],
        policy: policy.name,
        route: seat?.binding.route ?? "",
        session: seat?.id ?? "",
        text,
      });
    }
  }

  function prepare(bundle: PolicyBundle): Promise<PreparedPolicy> {
    if (isClosed)
      return Promise.reject(new SandboxError("ERR_SANDBOX_CLOSED", "The sandbox has been closed."));
    return new Promise((resolve, reject) => {
      const deployment = instances.deploy(policyState(bundle.name), bundle, (outcome) => {
        if (!outcome.ok) {
          reject(loadError(bundle, deployment.mapper, outcome.failure, limits));
          return;
        }
        const route = outcome.route === undefined ? {} : { route: outcome.route };
        deployment.exports = { hooks: outcome.hooks as HookName[], ...route };
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
        if (!instances.isDeployed(deployment) || policy.current === deployment) return;
        const old = policy.current;
        policy.current = deployment;
        policy.breaker.reset();
        if (old) instances.forget(old);
        dispatcher.wake(policy);
      },
      discard() {
        if (policy.current !== deployment) instances.forget(deployment);
      },
    };
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
      instances.forget(policy.current);
      policy.current = undefined;
      dispatcher.wake(policy);
    },

    exports: (name) => policies.get(name)?.current?.exports,

    seat(binding, id, context, contentType) {
      const seat = createSeat(++lastSeat, binding, id, context, contentType);
      const policy = policyState(binding.policy);
      seats.set(seat.index, seat);
      return {
        policy: binding.policy,
        get version() {
          return policy.current?.bundle.version ?? "";
        },
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
      dispatcher.close();
      await keeper.close();
      for (const policy of policies.values()) policy.logs.close();
    },
  };
}
