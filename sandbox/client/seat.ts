import type { ContentTypes, PolicyBinding } from "../contract.ts";
import type { SeatOpening } from "../wire/guest-entry.ts";
import { HOOK_NAMES } from "../wire/hooks.ts";
import type { HookCounts } from "./call-counts.ts";
import type { Followed } from "./policy-state.ts";
import type { Task } from "./task.ts";

/** What the worker keeps of a connection's place in a policy: enough to open it in any isolate, at any time. */
export interface ClientSeat {
  readonly index: number;
  readonly binding: PolicyBinding;
  readonly id: string;
  readonly context: string;
  readonly types: ContentTypes;
  readonly followed: Followed;
  /** By hook: what became of the policy's calls, of all seats. */
  readonly counts: readonly HookCounts[];
  /** JSON of the last checkpoint of `session`. */
  session: string | undefined;
  /** The instance that has this seat open; 0: none. */
  openIn: number;
  /** Calls sent and not settled. */
  inFlight: number;
  /** Calls submitted and not settled. */
  unsettled: number;
  isClosed: boolean;
  /** Calls that wait until those in flight in an older instance have settled. */
  parked: Task[];
  /** By hook: the calls that are not settled, in order. */
  readonly lanes: readonly SeatLane[];
}

export interface SeatLane {
  head: Task | undefined;
  tail: Task | undefined;
}

export function createSeat(
  index: number,
  followed: Followed,
  binding: PolicyBinding,
  id: string,
  context: string,
  types: ContentTypes,
): ClientSeat {
  return {
    index,
    binding,
    id,
    context,
    types,
    followed,
    counts: followed.policy.counts,
    session: undefined,
    openIn: 0,
    inFlight: 0,
    unsettled: 0,
    isClosed: false,
    parked: [],
    lanes: HOOK_NAMES.map(() => ({ head: undefined, tail: undefined })),
  };
}

export function enterLane(task: Task): void {
  const lane = task.seat.lanes[task.hook] as SeatLane;
  if (lane.tail) lane.tail.next = task;
  else lane.head = task;
  lane.tail = task;
}

/** The next call of this lane whose turn to settle has come. */
export function leaveLane(task: Task): Task | undefined {
  const lane = task.seat.lanes[task.hook] as SeatLane;
  if (lane.head !== task || !task.outcome) return undefined;
  lane.head = task.next;
  if (!lane.head) lane.tail = undefined;
  task.next = undefined;
  return lane.head?.outcome ? lane.head : undefined;
}

export function isHead(task: Task): boolean {
  return task.seat.lanes[task.hook]?.head === task;
}

export function seatOpening(seat: ClientSeat): string {
  const opening: SeatOpening = {
    id: seat.id,
    route: seat.binding.route,
    options: seat.binding.options,
    types: seat.types,
    context: seat.context,
    ...(seat.session === undefined ? {} : { session: seat.session }),
  };
  return JSON.stringify(opening);
}
