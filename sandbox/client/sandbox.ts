import { createStingyBroker } from "../broker/broker.ts";
import { bundleGuest, findHostMain } from "../bundles.ts";
import type {
  Broker,
  HookName,
  HostLimits,
  PolicyBundle,
  PolicyLimits,
  PolicyLogLine,
  PreparedPolicy,
  Sandbox,
  SandboxEvent,
  Seat,
} from "../contract.ts";
import { SandboxError } from "../errors.ts";
import { loadError } from "../load-error.ts";
import type { HostMessage, HostUsage, WireLogLine } from "../wire/control.ts";
import type { JournalNote } from "../wire/journal.ts";
import { createAskDesk } from "./ask-desk.ts";
import { createContextTexts } from "./context-text.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createHostKeeper, type HostEnd } from "./host-keeper.ts";
import { type HostProcess, spawnHost } from "./host-process.ts";
import type { Inspector } from "./inspector.ts";
import type { Deployment } from "./instance.ts";
import { createInstances } from "./instances.ts";
import { createLogLimiter } from "./log-limiter.ts";
import { createPolicyState, type Followed, type PolicyState } from "./policy-state.ts";
import { type ClientSeat, createSeat } from "./seat.ts";
import { throwLater } from "./settler.ts";
import { readPolicies } from "./stats.ts";
import { connectTestClock, type TestClock } from "./test-clock.ts";
import { createVersions } from "./versions.ts";

export interface SandboxOptions {
  readonly limits: PolicyLimits;
  readonly host: HostLimits;
  /** Keep a second host process ready, to replace the first in no time. */
  readonly warmSpare: boolean;
  /** Whether this process goes on for as long as the sandbox is open. Default: true. */
  readonly holdsProcess?: boolean;
  /** Tests only: what policies take for the time. Default: the machine's. */
  readonly testClock?: TestClock;
  /** Development only: what debugs the policies. They run without time limits then. */
  readonly inspector?: Inspector;
  /** Who carries out what policies ask for. Default: one that has granted nothing. */
  readonly broker?: Broker;
  onEvent(event: SandboxEvent): void;
}

/** Starts a host process, and gives the worker's side of it. Rejects with `ERR_HOST_START`. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { limits } = options;
  const { inspector } = options;
  const [guest, hostMain] = await Promise.all([bundleGuest(), findHostMain()]);
  const settings = { ...limits, guest, ...(inspector && { inspect: true }) };
  const seats = new Map<number, ClientSeat>();
  const textOf = createContextTexts();
  const started = Promise.withResolvers<void>();
  const slowestHookMs = Math.max(limits.messageTimeoutMs, limits.upgradeTimeoutMs);
  let lastSeat = 0;
  let hostRssBytes = 0;
  // CPU time of the host in use, and of those before it.
  let hostCpuUs = 0;
  let formerCpuUs = 0;
  let isClosed = false;

  const keeper = createHostKeeper({
    spawn: startHost,
    limits: options.host,
    warmSpare: options.warmSpare,
    holdsProcess: options.holdsProcess,
    extraSilenceMs: () => slowestHookMs + (instances.loader.isLoading() ? limits.loadTimeoutMs : 0),
    onMessage,
    onUsage,
    onResults: (bytes, start) => dispatcher.onResults(bytes, start),
    onAsk: (bytes, start, end) => desk.onAsk(bytes, start, end),
    onLost: onHostLost,
    onBack: () => instances.recover(),
  });
  const instances = createInstances({
    host: () => keeper.current,
    wake: (policy) => dispatcher.wake(policy),
    onReplaced: (policy, reason) => emit({ type: "isolate-replaced", policy, reason }),
    inspector,
    ...(options.testClock && { testTime: options.testClock.now }),
  });
  const testClock =
    options.testClock && connectTestClock(options.testClock, instances.all, () => keeper.current);
  const dispatcher = createDispatcher({
    limits,
    host: () => keeper.current,
    instance: instances.get,
    policies: () => versions.states(),
    reload: instances.revive,
    onIdle: instances.drop,
    onSeatGone(seat) {
      if (seats.delete(seat.index)) versions.leave(seat.followed);
    },
    emit,
  });
  const desk = createAskDesk({
    asyncTimeoutMs: limits.asyncTimeoutMs,
    broker: options.broker ?? createStingyBroker(),
    host: () => keeper.current,
    instance: instances.get,
    emit,
  });
  const versions = createVersions({
    instances,
    createState: createPolicyStateOf,
    wake: (policy) => dispatcher.wake(policy),
    seat: takeSeat,
  });

  function emit(event: SandboxEvent): void {
    try {
      options.onEvent(event);
    } catch (error) {
      throwLater(error);
    }
  }

  function createPolicyStateOf(name: string, before?: PolicyState): PolicyState {
    const logs = before?.logs ?? createLogLimiter(name, (line) => emit({ type: "log", line }));
    return createPolicyState(name, logs, before?.counts);
  }

  function takeSeat(followed: Followed, ...seatOf: Parameters<Sandbox["seat"]>): Seat {
    const [binding, id, context, types] = seatOf;
    const seat = createSeat(++lastSeat, followed, binding, id, textOf(context), types);
    seats.set(seat.index, seat);
    return {
      policy: seat.binding.policy,
      get version() {
        return followed.policy.current?.bundle.version ?? "";
      },
      submit: (call) => dispatcher.submit(seat, call),
      close: () => dispatcher.closeSeat(seat),
    };
  }

  function startHost(): HostProcess {
    const host = spawnHost(hostMain, settings, options.holdsProcess);
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
        desk.forget(message.instance);
        instances.onInstanceLost(message, (instance) => dispatcher.onInstanceLost(instance, message));
        break;
      case "tired":
        instances.refresh(message.instance);
        break;
      case "log":
        onLog(message.instance, message.lines);
        break;
      case "time-set":
        testClock?.onTimeSet(message.instance);
        break;
      case "inspector":
        inspector?.onMessage(message.instance, message);
        break;
      case "pong":
        break;
    }
  }

  function onUsage({ cpuUs, heaps }: HostUsage, rssBytes: number): void {
    hostCpuUs = cpuUs;
    hostRssBytes = rssBytes;
    for (const [id, bytes] of heaps) {
      const instance = instances.get(id);
      if (instance) instance.heapBytes = bytes;
    }
  }

  function onHostLost(reason: HostEnd, detail: string, pid: number, note: JournalNote): void {
    formerCpuUs += hostCpuUs;
    hostCpuUs = hostRssBytes = 0;
    started.reject(new SandboxError("ERR_HOST_START", `The sandbox's host process did not start: ${detail}`));
    testClock?.onHostLost();
    desk.forget();
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
      const deployment = instances.deploy(versions.newest(bundle.name).policy, bundle, (outcome) => {
        if (!outcome.ok) {
          reject(loadError(bundle, deployment.mapper, outcome.failure, limits));
          return;
        }
        const { ok, hooks, ...data } = outcome;
        deployment.exports = { hooks: hooks as HookName[], ...data };
        resolve(preparedPolicy(deployment));
      });
    });
  }

  function preparedPolicy(deployment: Deployment): PreparedPolicy {
    const { bundle, exports } = deployment;
    let isCommitted = false;
    return {
      name: bundle.name,
      version: bundle.version,
      exports,
      commit() {
        if (isCommitted || !instances.isDeployed(deployment)) return;
        isCommitted = true;
        versions.replace(bundle.name, deployment);
      },
      discard() {
        if (!isCommitted) instances.forget(deployment);
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
      if (versions.exports(name) !== undefined) versions.replace(name, undefined);
    },

    exports: versions.exports,
    seat: (binding, ...rest) => takeSeat(versions.newest(binding.policy), binding, ...rest),
    pin: versions.pin,
    pinnedVersions: versions.pinned,

    get pendingBytes() {
      return dispatcher.pendingBytes;
    },

    stats: () => ({
      policies: readPolicies(versions.newestStates(), instances.all(), Date.now()),
      batches: dispatcher.batches,
      host: { rssBytes: hostRssBytes, cpuUs: formerCpuUs + hostCpuUs },
    }),

    async close() {
      if (isClosed) return;
      isClosed = true;
      dispatcher.close();
      desk.forget();
      await keeper.close();
      for (const policy of versions.states()) policy.logs.close();
    },
  };
}
