import type { SandboxStats } from "../../contract.ts";
import type { ClientInstance } from "../policy/instance.ts";
import type { Instances } from "../policy/instances.ts";
import type { Host } from "../transport/host.ts";
import { CallBatcher } from "./call-batcher.ts";
import type { Flight } from "./flight.ts";
import type { Task, TaskSeat, TaskTrack } from "./task.ts";

/** Puts calls into frames for the host: which of a queue go now, and what has to be said of their seats before. */
export interface CallSender {
  readonly batches: SandboxStats["batches"];
  /** Send what may go of this queue. */
  pump(track: TaskTrack): void;
  /** With the next `closeSeats` the instance that has it open forgets it. */
  leave(seat: TaskSeat): void;
  closeSeats(): void;
  /** One write to each host that has something to get. */
  flush(): void;
}

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
  let closing: { readonly instance: number; readonly seat: number }[] = [];

  function pump(track: TaskTrack): void {
    if (track.queue.length === 0) return;
    const deployment = track.current;
    const breaker = deployment ? track.breaker.state(performance.now()) : "open";
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
    batcher.start(host.out, instance.id);
    sendAll(track, instance, breaker === "probing");
    batcher.finish();
    note(host);
  }

  function note(host: Host): void {
    if (!written.includes(host)) written.push(host);
  }

  function sendAll(track: TaskTrack, instance: ClientInstance, isProbe: boolean): void {
    const { queue, window } = track;
    const { matchers } = instance.deployment;
    for (let task = queue.peek(); task && window.isOpen; task = queue.peek()) {
      const isAlone = isProbe || (task.isSuspect && !instance.runsOneByOne);
      if (isAlone && window.running > 0) break;
      queue.shift();
      if (!task.isFor(matchers[task.hook])) skip(task);
      else if (task.seat.mustWait(instance.id)) task.seat.park(task);
      else send(task, instance, track, isAlone);
    }
  }

  function send(task: Task, instance: ClientInstance, track: TaskTrack, isAlone: boolean): void {
    const { seat } = task;
    if (seat.openIn !== instance.id) {
      // One that is pinned for others stays, and would keep this seat's context.
      if (instances.get(seat.openIn)?.state === "ready") leave(seat);
      flight.enter(task, instance, track, isAlone);
      batcher.openSeat(seat.index, seat.describe());
    } else flight.enter(task, instance, track, isAlone);
    batcher.call(task, instance.deployment.withholds[task.hook]);
  }

  function refuseAll({ queue }: TaskTrack): void {
    for (let task = queue.peek(); task; task = queue.peek()) {
      queue.shift();
      refuse(task);
    }
  }

  function leave(seat: TaskSeat): void {
    closing.push({ instance: seat.openIn, seat: seat.index });
  }

  return {
    get batches() {
      return batcher.counts.read();
    },

    pump,
    leave,

    closeSeats() {
      if (closing.length === 0) return;
      for (const { instance, seat } of closing) {
        const host = instances.get(instance)?.host;
        if (host === undefined) continue;
        batcher.start(host.out, instance);
        batcher.closeSeat(seat);
        batcher.finish();
        note(host);
      }
      closing = [];
    },

    flush() {
      for (const host of written) host.flush();
      written.length = 0;
    },
  };
}
