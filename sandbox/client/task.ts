import type { HookCall, Outcome } from "../contract.ts";
import { HOOK_NAMES } from "../wire/hooks.ts";
import type { PolicyState } from "./policy-state.ts";
import type { ClientSeat } from "./seat.ts";

/**
 * A call on its way. Every task is settled once:
 *
 *   queued ──▶ sent ──▶ (pending) ──▶ settled
 *     ▲          │          │
 *     └──────────┴──────────┘   its isolate or host was lost, and it is not to blame
 */
export interface Task {
  readonly call: HookCall;
  readonly seat: ClientSeat;
  readonly hook: number;
  /** Position among all tasks of the sandbox: lost ones go back in this order. */
  readonly order: number;
  /** Who counts it, while sent or pending. */
  policy: PolicyState;
  /** On the wire, while sent or pending. */
  id: number;
  state: "queued" | "sent" | "pending" | "settled";
  /** The instance it was sent to. */
  instance: number;
  /** It may have brought an isolate or a host down: it is sent alone. */
  isSuspect: boolean;
  /** How often it has been among several suspects. */
  rounds: number;
  /** How often its time was up while the machine was overloaded. */
  starved: number;
  /** Set when it is known, kept until the calls before it in its lane have settled. */
  outcome: Outcome | undefined;
  /** The next call of the same seat and hook. */
  next: Task | undefined;
}

export function createTask(call: HookCall, seat: ClientSeat, order: number): Task {
  return {
    call,
    seat,
    hook: HOOK_NAMES.indexOf(call.hook),
    order,
    policy: seat.followed.policy,
    id: -1,
    state: "queued",
    instance: 0,
    isSuspect: false,
    rounds: 0,
    starved: 0,
    outcome: undefined,
    next: undefined,
  };
}

/** Tasks that are sent, by the number that stands for them on the wire. */
export class TaskTable {
  #tasks: (Task | undefined)[] = [];
  #free: number[] = [];

  add(task: Task): void {
    task.id = this.#free.pop() ?? this.#tasks.length;
    this.#tasks[task.id] = task;
  }

  get(id: number): Task | undefined {
    return this.#tasks[id];
  }

  remove(task: Task): void {
    this.#tasks[task.id] = undefined;
    this.#free.push(task.id);
    task.id = -1;
  }

  /** In the order they were submitted. */
  ofInstance(instance: number): Task[] {
    return this.all().filter((task) => task.instance === instance);
  }

  all(): Task[] {
    const found = this.#tasks.filter((task) => task !== undefined);
    return found.sort((a, b) => a.order - b.order);
  }
}

/** First in, first out; what was lost goes back to the front. */
export class TaskQueue {
  #tasks: Task[] = [];
  #head = 0;

  get length(): number {
    return this.#tasks.length - this.#head;
  }

  push(task: Task): void {
    this.#tasks.push(task);
  }

  peek(): Task | undefined {
    return this.#tasks[this.#head];
  }

  shift(): void {
    this.#tasks[this.#head] = undefined as unknown as Task;
    this.#head++;
    if (this.#head === this.#tasks.length) {
      this.#tasks.length = 0;
      this.#head = 0;
    } else if (this.#head > 4096) {
      this.#tasks.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** All that wait, in order. */
  takeAll(): Task[] {
    const tasks = this.#tasks.slice(this.#head);
    this.#tasks.length = this.#head = 0;
    return tasks;
  }

  unshift(tasks: readonly Task[]): void {
    if (tasks.length === 0) return;
    this.#tasks.splice(0, this.#head, ...tasks);
    this.#head = 0;
  }
}
