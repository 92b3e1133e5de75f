import { createStingyBroker } from "../broker/broker.ts";
import { findBundles } from "../bundles.ts";
import type { Broker } from "../contract/capabilities.ts";
import type { HostLimits, PolicyLimits } from "../contract/limits.ts";
import type { Sandbox, SandboxEvent } from "../contract.ts";
import { SandboxError } from "../errors.ts";
import type { HostMessage, WireLogLine } from "../wire/control.ts";
import { createAskDesk } from "./ask-desk.ts";
import { createDispatcher } from "./calls/dispatcher.ts";
import { throwLater } from "./calls/settler.ts";
import { findJail } from "./jail/jail.ts";
import { findCulprits } from "./policy/culprits.ts";
import type { Inspector } from "./policy/inspector.ts";
import { createInstances } from "./policy/instances.ts";
import { createPlacement } from "./policy/placement.ts";
import { preparePolicy } from "./policy/preparation.ts";
import { createVersions } from "./policy/versions.ts";
import { createExitGuard } from "./process/exit-guard.ts";
import type { LostHost } from "./process/host-keeper.ts";
import { createHostPool, SHARED_GROUP } from "./process/host-pool.ts";
import { type HostProcess, spawnHost } from "./process/host-process.ts";
import { createHostUse } from "./process/host-use.ts";
import { createSeatBook } from "./seat-book.ts";
import { readPolicies, takeTallies } from "./stats.ts";
import { connectTestClock, type TestClock } from "./test-clock.ts";
import { embedHost } from "./transport/embedded-host.ts";
import type { Host } from "./transport/host.ts";

export interface SandboxOptions {
  readonly limits: PolicyLimits;
  readonly host: HostLimits;
  /** Keep a second host process ready, with policies loaded ahead, to replace the first in no time. */
  readonly warmSpare: boolean;
  /**
   * Whether this process may hold isolates itself, of policies in `WORKER_GROUP`: Node was started for that. They are in the
   * shared host otherwise. Default: false.
   */
  readonly holdsIsolates?: boolean | undefined;
  /** Whether this process goes on for as long as the sandbox is open. Default: true. */
  readonly holdsProcess?: boolean;
  /** Tests only: what policies take for the time. Default: the machine's. */
  readonly testClock?: TestClock;
  /** Tests only: the file that hosts run. Default: our own. */
  readonly hostMain?: string;
  /** Development only: what debugs the policies. They run without time limits then. */
  readonly inspector?: Inspector;
  /** Who carries out what policies ask for. Default: one that has granted nothing. */
  readonly broker?: Broker;
  onEvent(event: SandboxEvent): void;
  /** A policy has no seats any more. */
  onUnseated?(policy: string): void;
}

/**
 * The worker's side of its host processes. The first of them starts with the first load; one that cannot is that load's
 * `ERR_HOST_START`. Rejects with `ERR_OS_SANDBOX`.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { limits, inspector, testClock, holdsProcess } = options;
  const [{ guest, hostMain: ownHostMain }, jail] = await Promise.all([
    findBundles(),
    findJail(options.host.os),
  ]);
  const { hostMain = ownHostMain } = options;
  const settings = { ...limits, guest, ...(inspector && { inspect: true }) };
  const slowestHookMs = Math.max(limits.messageTimeoutMs, limits.upgradeTimeoutMs);
  const hostUse = createHostUse();
  const exitGuard = createExitGuard();
  let isClosed = false;

  // From the host up: each part knows those before it, and tells those after it by the listeners at the end.
  const placement = createPlacement({
    holdsIsolates: options.holdsIsolates,
    quarantineMs: options.host.quarantineMs,
    onChange: () => instances.relocate(),
    onQuarantined: (entry) => emit({ type: "policy-quarantined", entry }),
  });
  const instances = createInstances(
    {
      groupOf: placement.groupOf,
      // The next time it costs its host, nobody else is to be asked twice.
      runsOneByOne: placement.isApart,
      hostOf: (group) => pool.hostOf(group),
      standbyOf: (group) => pool.standbyOf(group),
    },
    {
      inspector,
      ...(testClock && { testTime: testClock.now, testSeed: testClock.loadSeed }),
    },
  );
  const policyClock = testClock && connectTestClock(testClock, instances.all);
  const seats = createSeatBook(() => dispatcher);
  const dispatcher = createDispatcher({
    limits,
    instances,
    onSeatGone: seats.onGone,
    onNonsense(culprit) {
      placement.onOffence([culprit], "nonsense");
      instances.relocate();
    },
    areTimed: inspector === undefined && testClock === undefined,
    onOverdue({ deployment, host }) {
      placement.onOffence([deployment], "silent");
      if (host !== undefined)
        pool.replace(host, `it does not say what came of calls of ${deployment.bundle.name}`);
    },
    emit,
  });
  const desk = createAskDesk({
    asyncTimeoutMs: limits.asyncTimeoutMs,
    broker: options.broker ?? createStingyBroker(),
    instance: instances.get,
    emit,
  });
  const versions = createVersions({
    forget: instances.forget,
    wake: dispatcher.wake,
    seat: seats.take,
    onLog: (line) => emit({ type: "log", line }),
    onUnseated: (policy) => options.onUnseated?.(policy),
  });
  instances.attach({
    onServing: (deployment) => dispatcher.wake(versions.trackOf(deployment)),
    onUnserved: (deployment) => versions.trackOf(deployment).breaker.trip(performance.now()),
    onReplaced: (policy, reason) => emit({ type: "isolate-replaced", policy, reason }),
    onGone: () => pool.endUnused(),
  });
  const pool = createHostPool({
    spawn: startHost,
    embed: () => embedHost(settings),
    limits: options.host,
    warmSpare: options.warmSpare,
    holdsProcess,
    groups: instances.groups,
    listener: {
      extraSilenceMs: (host) => slowestHookMs + (instances.isLoading(host) ? limits.loadTimeoutMs : 0),
      isLoading: instances.isLoading,
      isEmpty: (group) => !instances.groups().has(group),
      isBusy: instances.isBusy,
      onMessage,
      onUsage({ pid }, usage, rssBytes) {
        hostUse.onUsage(pid, usage, rssBytes);
        instances.onUsage(usage.heaps);
      },
      onResults: dispatcher.onResults,
      onAsk: desk.onAsk,
      onLost: onHostLost,
      onNoHost: instances.onNoHost,
      onBack: instances.onHostBack,
      onBeat: instances.restock,
      onStandby: instances.stockUp,
      onStandbyLost,
    },
  });

  return {
    prepare(bundle) {
      if (isClosed)
        return Promise.reject(new SandboxError("ERR_SANDBOX_CLOSED", "The sandbox has been closed."));
      return preparePolicy({ limits, instances, versions }, bundle);
    },

    expectVersions() {
      pool.hostOf(SHARED_GROUP);
    },

    remove(name) {
      versions.withdraw(name);
      if (versions.exports(name) !== undefined) versions.replace(name, undefined);
    },

    isolate: placement.isolate,
    quarantine: placement.quarantine,

    exports: versions.exports,
    seat: (binding, ...rest) => seats.take(versions.follow(binding.policy), binding, ...rest),
    isSeated: versions.isSeated,
    pin: versions.pin,
    pinnedVersions: versions.pinned,
    choose: versions.choose,
    reviewSides: versions.reviewSides,
    promote: versions.promote,
    withdraw: versions.withdraw,
    takeTallies: () => takeTallies(versions.policies(), performance.now()),

    get pendingBytes() {
      return dispatcher.pendingBytes();
    },

    stats: () => ({
      policies: readPolicies(versions.policies(), instances.all(), performance.now()),
      batches: dispatcher.batches(),
      host: hostUse.read(),
    }),

    async close() {
      if (isClosed) return;
      isClosed = true;
      dispatcher.close(versions.tracks());
      desk.forgetHost();
      placement.close();
      await pool.close();
      exitGuard.close();
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
    const started = spawnHost(hostMain, settings, jail, holdsProcess);
    exitGuard.watch(started);
    emit({ type: "host-started", pid: started.pid });
    void started.exited.then(() => {
      hostUse.onHostEnded(started.pid);
      emit({ type: "host-ended", pid: started.pid });
    });
    return started;
  }

  function onMessage(from: Host, message: HostMessage): void {
    // Whoever waits for it waits also when its isolate is lost meanwhile.
    if (message.type === "time-set") policyClock?.onTimeSet(message);
    // Late, or none of its own.
    if ("instance" in message && instances.get(message.instance)?.host === from) onInstanceMessage(message);
  }

  function onInstanceMessage(message: Extract<HostMessage, { readonly instance: number }>): void {
    switch (message.type) {
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
        break;
      case "inspector":
        inspector?.onMessage(message.instance, message);
        break;
    }
  }

  function onHostLost(lost: LostHost): void {
    policyClock?.onHostLost();
    desk.forgetHost(lost.host);
    loseHost(lost, () => dispatcher.onHostLost(lost));
  }

  /** Nobody waits for anything that it was in. */
  function onStandbyLost(lost: LostHost): void {
    loseHost(lost, () => {});
    instances.relocate();
  }

  /** @param blame Takes back its calls. */
  function loseHost(lost: LostHost, blame: () => void): void {
    const { host, reason, detail, note } = lost;
    // First of all: what has cost this host is not to come into the next.
    placement.onOffence(findCulprits(lost, instances.in(host)), reason);
    instances.onHostLost(host, reason === "nonsense" ? undefined : note, blame);
    emit({ type: "host-replaced", reason, detail, pid: host.pid });
  }

  function onLog(id: number, lines: readonly WireLogLine[]): void {
    const deployment = instances.get(id)?.deployment;
    // What is loaded ahead says what has been said when it was loaded first.
    if (deployment === undefined || deployment.reserve === id) return;
    const { name, logs } = versions.policy(deployment.bundle.name);
    seats.writeLines(name, logs, lines);
  }
}
