import { createStingyBroker } from "../broker/broker.ts";
import { findBundles } from "../bundles.ts";
import type {
  Broker,
  HostLimits,
  PolicyLimits,
  PolicyLogLine,
  Sandbox,
  SandboxEvent,
  Seat,
} from "../contract.ts";
import { SandboxError } from "../errors.ts";
import type { HostMessage, WireLogLine } from "../wire/control.ts";
import type { JournalNote } from "../wire/journal.ts";
import { createAskDesk } from "./ask-desk.ts";
import { createDispatcher } from "./calls/dispatcher.ts";
import { ClientSeat } from "./calls/seat.ts";
import { throwLater } from "./calls/settler.ts";
import type { Task, TaskSeat } from "./calls/task.ts";
import { createContextTexts } from "./context-text.ts";
import type { Inspector } from "./policy/inspector.ts";
import { createInstances } from "./policy/instances.ts";
import { preparePolicy } from "./policy/preparation.ts";
import type { Followed } from "./policy/track.ts";
import { createVersions } from "./policy/versions.ts";
import { createHostKeeper, type HostEnd } from "./process/host-keeper.ts";
import { type HostProcess, spawnHost } from "./process/host-process.ts";
import { createHostUse } from "./process/host-use.ts";
import { readPolicies } from "./stats.ts";
import { connectTestClock, type TestClock } from "./test-clock.ts";

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
  /** A policy has no seats any more. */
  onUnseated?(policy: string): void;
}

/** Starts a host process, and gives the worker's side of it. Rejects with `ERR_HOST_START`. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { limits, inspector, testClock, holdsProcess } = options;
  const { guest, hostMain } = await findBundles();
  const settings = { ...limits, guest, ...(inspector && { inspect: true }) };
  const slowestHookMs = Math.max(limits.messageTimeoutMs, limits.upgradeTimeoutMs);
  const seats = new Map<number, TaskSeat>();
  const textOf = createContextTexts();
  const started = Promise.withResolvers<void>();
  const hostUse = createHostUse();
  let lastSeat = 0;
  let isClosed = false;

  // From the host up: each part knows those before it, and tells those after it by the listeners at the end.
  const { warmSpare } = options;
  const keeper = createHostKeeper({ spawn: startHost, limits: options.host, warmSpare, holdsProcess });
  const host = () => keeper.current;
  const instances = createInstances(host, { inspector, ...(testClock && { testTime: testClock.now }) });
  const policyClock = testClock && connectTestClock(testClock, instances.all, host);
  const dispatcher = createDispatcher({ limits, instances, host, onSeatGone, emit });
  const desk = createAskDesk({
    asyncTimeoutMs: limits.asyncTimeoutMs,
    broker: options.broker ?? createStingyBroker(),
    host,
    instance: instances.get,
    emit,
  });
  const versions = createVersions({
    forget: instances.forget,
    wake: dispatcher.wake,
    seat: takeSeat,
    onLog: (line) => emit({ type: "log", line }),
    onUnseated: (policy) => options.onUnseated?.(policy),
  });
  instances.attach({
    onServing: (deployment) => dispatcher.wake(versions.trackOf(deployment)),
    onUnserved: (deployment) => versions.trackOf(deployment).breaker.trip(Date.now()),
    onReplaced: (policy, reason) => emit({ type: "isolate-replaced", policy, reason }),
  });
  keeper.start({
    extraSilenceMs: () => slowestHookMs + (instances.isLoading() ? limits.loadTimeoutMs : 0),
    onMessage,
    onUsage(usage, rssBytes) {
      hostUse.onUsage(usage, rssBytes);
      instances.onUsage(usage.heaps);
    },
    onResults: dispatcher.onResults,
    onAsk: desk.onAsk,
    onLost: onHostLost,
    onBack: instances.onHostBack,
  });

  await started.promise.catch(async (error) => {
    await keeper.close();
    throw error;
  });

  return {
    prepare(bundle) {
      if (isClosed)
        return Promise.reject(new SandboxError("ERR_SANDBOX_CLOSED", "The sandbox has been closed."));
      return preparePolicy({ limits, instances, versions }, bundle);
    },

    remove(name) {
      if (versions.exports(name) !== undefined) versions.replace(name, undefined);
    },

    exports: versions.exports,
    seat: (binding, ...rest) => takeSeat(versions.follow(binding.policy), binding, ...rest),
    isSeated: versions.isSeated,
    pin: versions.pin,
    pinnedVersions: versions.pinned,

    get pendingBytes() {
      return dispatcher.pendingBytes;
    },

    stats: () => ({
      policies: readPolicies(versions.policies(), instances.all(), Date.now()),
      batches: dispatcher.batches,
      host: hostUse.read(),
    }),

    async close() {
      if (isClosed) return;
      isClosed = true;
      dispatcher.close(versions.tracks());
      desk.forget();
      await keeper.close();
      for (const { logs } of versions.policies()) logs.close();
    },
  };

  function emit(event: SandboxEvent): void {
    try {
      options.onEvent(event);
    } catch (error) {
      throwLater(error);
    }
  }

  function startHost(): HostProcess {
    const started = spawnHost(hostMain, settings, holdsProcess);
    emit({ type: "host-started", pid: started.pid });
    void started.exited.then(() => emit({ type: "host-ended", pid: started.pid }));
    return started;
  }

  function takeSeat(followed: Followed<Task>, ...place: Parameters<Sandbox["seat"]>): Seat {
    const [binding, id, known, types] = place;
    const index = ++lastSeat;
    const context = textOf(known);
    const seat: TaskSeat = new ClientSeat({ index, followed, binding, id, context, types });
    seats.set(seat.index, seat);
    return {
      policy: binding.policy,
      get version() {
        return followed.track.current?.bundle.version ?? "";
      },
      context,
      submit: (call) => dispatcher.submit(seat, call),
      close: () => dispatcher.closeSeat(seat),
    };
  }

  function onSeatGone(seat: TaskSeat): void {
    if (seats.delete(seat.index)) seat.followed.leave();
  }

  function onMessage(message: HostMessage): void {
    switch (message.type) {
      case "ready":
        started.resolve();
        break;
      case "loaded":
        instances.onLoaded(message.instance, message.result);
        break;
      case "lost":
        desk.forget(message.instance);
        instances.onLost(message, (instance) => dispatcher.onInstanceLost(instance, message));
        break;
      case "tired":
        instances.onTired(message.instance);
        break;
      case "log":
        onLog(message.instance, message.lines);
        break;
      case "time-set":
        policyClock?.onTimeSet(message.instance);
        break;
      case "inspector":
        inspector?.onMessage(message.instance, message);
        break;
      case "pong":
        break;
    }
  }

  function onHostLost(reason: HostEnd, detail: string, pid: number, note: JournalNote): void {
    hostUse.onHostLost();
    started.reject(new SandboxError("ERR_HOST_START", `The sandbox's host process did not start: ${detail}`));
    policyClock?.onHostLost();
    desk.forget();
    const told = reason === "nonsense" ? undefined : note;
    instances.onHostLost(told, () => dispatcher.onHostLost(told));
    emit({ type: "host-replaced", reason, detail, pid });
  }

  function onLog(id: number, lines: readonly WireLogLine[]): void {
    const deployment = instances.get(id)?.deployment;
    if (deployment === undefined) return;
    const { name, logs } = versions.policy(deployment.bundle.name);
    for (const [index, level, text] of lines) {
      const seat = seats.get(index);
      const route = seat?.binding.route ?? "";
      logs.write({
        level: level as PolicyLogLine["level"],
        policy: name,
        route,
        session: seat?.id ?? "",
        text,
      });
    }
  }
}
