import type { SandboxStats } from "../../contract/stats.ts";
import type { ClientInstance } from "../policy/instance.ts";
import type { Instances } from "../policy/instances.ts";
import { flushHosts } from "../transport/flush-hosts.ts";
import type { Host } from "../transport/host.ts";
import { CallBatcher } from "./call-batcher.ts";
import type { Flight } from "./flight.ts";
import type { Task, TaskSeat, TaskTrack } from "./task.ts";

/** Puts calls into frames for the host: which of a queue go now, and what has to be said of their seats before. */
export interface CallSender {
  batches(): SandboxStats["batches"];
  /** Send what may go of this queue. */
  pump(track: TaskTrack): void;
  /** The instance that has it open forgets it with its next calls, or the next `closeSeats`. */
  leave(seat: TaskSeat): void;
  hasSeatsToClose(): boolean;
  /** Whether there are so many to be forgotten that they are not to wait for calls. */
  hasManyToClose(): boolean;
  closeSeats(): void;
  /** One write to each host that has something to get. */
  flush(): void;
}

/** What isolates keep of connections that have gone is bounded, however many leave at once. */
const MANY_SEATS = 64;

export interface CallSenderOptions {
  readonly flight: Flight;
  readonly instances: Pick<Instances, "get" | "serving">;
  /** The policy has no version, or has failed too often: this call does not go. */
  refuse(task: Task): void;
  /** Its message is not for the version that there is now. */
  skip(task: Task): void;
}

export function createCallSender({ flight, instances, refuse, skip }: CallSenderOptions): CallSender {
  const batcher = new CallBatcher();
  /** Hosts that frames have been written for since the last flush. */
  const written: Host[] = [];
  /** Seats, by the instance that has them open. */
  const closing = new Map<number, number[]>();
  let closingCount = 0;

  function pump(track: TaskTrack): void {
    if (track.queue.length === 0) return;
    const deployment = track.current;
    const now = performance.now();
    const breaker = deployment ? track.breaker.state(now) : "open";
    if (deployment === undefined || breaker === "open") {
      refuseAll(track);
      return;
    }
    const instance = instances.serving(deployment);
    if (instance === undefined) return;
    const { host } = instance;
    if (host === undefined) {
      refuseAll(track);
      return;
    }
    if (instance.state !== "ready") return;
    batcher.start(host, instance.id);
    closeIn(instance.id);
    sendAll(track, instance, breaker === "probing", now);
    batcher.finish();
    note(host);
  }

  function note(host: Host): void {
    if (!written.includes(host)) written.push(host);
  }

  function sendAll(track: TaskTrack, instance: ClientInstance, isProbe: boolean, now: number): void {
    const { queue, window, tally } = track;
    const { matchers } = instance.deployment;
    for (let task = queue.peek(); task && window.isOpen; task = queue.peek()) {
      const isAlone = isProbe || (task.isSuspect && !instance.runsOneByOne);
      if (isAlone && window.running > 0) break;
      queue.shift();
      if (!task.isFor(matchers[task.hook])) skip(task);
      else if (task.seat.mustWait(instance.id)) task.seat.park(task);
      else {
        if (tally !== undefined) task.measure(now);
        send(task, instance, track, isAlone);
      }
    }
  }

  function send(task: Task, instance: ClientInstance, track: TaskTrack, isAlone: boolean): void {
    const { seat } = task;
    if (seat.openIn !== instance.id) {
      // One that is pinned for others stays, and would keep this seat's context.
      if (instances.get(seat.openIn)?.state === "ready") leave(seat);
      flight.enter(task, instance, track, isAlone);
      batcher.openSeat(seat.index, seat.describe(instance.deployment.bundle.version));
    } else {
      flight.enter(task, instance, track, isAlone);
      if (seat.hasNews) batcher.updateSeat(seat.index, seat.takeNews());
    }
    batcher.call(task, instance.deployment.withholds[task.hook]);
  }

  function refuseAll({ queue }: TaskTrack): void {
    for (let task = queue.peek(); task; task = queue.peek()) {
      queue.shift();
      refuse(task);
    }
  }

  function leave({ openIn, index }: TaskSeat): void {
    const others = closing.get(openIn);
    if (others === undefined) closing.set(openIn, [index]);
    else others.push(index);
    closingCount++;
  }

  /** In a batch that has been started for it: each batch is an entry into the isolate, which costs more than all seats do. */
  function closeIn(instance: number): void {
    const seats = closing.get(instance);
    if (seats === undefined) return;
    closing.delete(instance);
    closingCount -= seats.length;
    for (const seat of seats) batcher.closeSeat(seat);
  }

  return {
    batches: () => batcher.counts.read(),
    pump,
    leave,
    hasSeatsToClose: () => closingCount > 0,
    hasManyToClose: () => closingCount >= MANY_SEATS,

    closeSeats() {
      for (const instance of closing.keys()) {
        const host = instances.get(instance)?.host;
        if (host === undefined) continue;
        batcher.start(host, instance);
        closeIn(instance);
        batcher.finish();
        note(host);
      }
      closing.clear();
      closingCount = 0;
    },

    flush() {
      flushHosts(written);
      // The array keeps its memory: set to length 0 it would lose it.
      while (written.length > 0) written.pop();
    },
  };
}
