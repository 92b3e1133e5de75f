import { HostNonsense } from "../../wire/nonsense.ts";
import type { ClientInstance } from "../policy/instance.ts";
import type { Host } from "../transport/host.ts";
import type { Task, TaskTrack } from "./task.ts";
import { TaskTable } from "./task-table.ts";

/**
 * The calls that are under way. A call is counted by its instance, its seat and its policy's window, and all of them
 * learn here, and nowhere else, that it goes and that it is back.
 */
export class Flight {
  readonly #table = new TaskTable();

  enter(task: Task, instance: ClientInstance, track: TaskTrack, isAlone: boolean): void {
    task.send(this.#table.add(task), instance, track);
    instance.enter(task.order);
    task.seat.enter(instance.id);
    track.window.enter(task.order, task.bytes, isAlone);
  }

  /** Its hook has returned a promise: others may run. */
  wait(task: Task): void {
    task.wait();
    task.track.window.wait(task.order);
  }

  /** It is back: its outcome is known, or it is lost. @returns calls of its seat that waited for it */
  leave(task: Task): readonly Task[] {
    this.#table.remove(task.id);
    task.instance.leave();
    task.track.window.leave(task.order, task.bytes, task.state === "pending");
    return task.seat.leave();
  }

  /** @throws HostNonsense unless this call was sent to this instance, in this host, and is not back */
  find(id: number, instance: number, host: Host | undefined): Task {
    const task = this.#table.get(id);
    if (task?.instance.id !== instance || task.instance.host !== host)
      throw new HostNonsense("the host answered a call that it was not sent");
    return task;
  }

  /** In the order they were submitted. */
  all(): readonly Task[] {
    return this.#table.all();
  }

  in(instance: ClientInstance): readonly Task[] {
    return this.#table.all().filter((task) => task.instance === instance);
  }
}
