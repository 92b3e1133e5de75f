import type { Task } from "./task.ts";

/** Calls that are on the way, by the numbers that stand for them on the wire. Numbers are used again. */
export class TaskTable {
  readonly #tasks: (Task | undefined)[] = [];
  readonly #free: number[] = [];

  /** @returns its number */
  add(task: Task): number {
    const id = this.#free.pop() ?? this.#tasks.length;
    this.#tasks[id] = task;
    return id;
  }

  get(id: number): Task | undefined {
    return this.#tasks[id];
  }

  remove(id: number): void {
    this.#tasks[id] = undefined;
    this.#free.push(id);
  }

  /** In the order they were submitted. */
  all(): Task[] {
    return this.#tasks.filter((task) => task !== undefined).sort((a, b) => a.order - b.order);
  }
}
