import type { Payload } from "../../sandbox/contract/hooks.ts";
import type { FlowResult, FlowTrace } from "../session/tap/flow-trace.ts";
import type { HookNote } from "../session/tap/hook-note.ts";
import type { FrameRun, TappedFrame, TrafficSink, TrafficTap } from "../session/tap/traffic-tap.ts";
import type { FinishRecord, RecordPlace } from "./batch/batch-writer.ts";
import type { Origin } from "./records.ts";
import type { RecordWriter } from "./switches/switch-meter.ts";

/** Where the records of a session go, and how much of each payload is kept in them. */
export interface RecordTarget {
  readonly writer: RecordWriter;
  readonly keepBytes: number;
}

/** Takes down the traffic of one session: the worker's side, which only copies bytes. */
export class SessionRecorder implements TrafficTap {
  readonly client: DirectionRecorder;
  readonly server: DirectionRecorder;
  readonly #route: string;
  readonly #session: number;
  #target: RecordTarget;

  constructor({ id, route }: { readonly id: string; readonly route: string }, target: RecordTarget) {
    this.#route = route;
    this.#session = sessionNumber(id);
    this.#target = target;
    this.client = new DirectionRecorder({ route, session: this.#session, origin: "client" }, target);
    this.server = new DirectionRecorder({ route, session: this.#session, origin: "server" }, target);
  }

  /** From now on. Frames are counted on. */
  aim(target: RecordTarget): void {
    this.#target = target;
    this.client.aim(target);
    this.server.aim(target);
  }

  hook({ calling, toClient, toServer, expires, ...note }: HookNote): void {
    const { hook, by, time, lateMs } = calling;
    const { writer, keepBytes } = this.#target;
    const { view, blobs } = createViews(keepBytes);
    const said = { toClient: toClient.map(view), toServer: toServer.map(view) };
    const record = { kind: "hook", hook, by, lateMs, ...note, expires: expires ?? null, ...said };
    const place = {
      route: this.#route,
      session: this.#session,
      origin: "client",
      sequence: 0,
      time,
    } as const;
    writer.json(place, record, blobs);
  }
}

/** Payloads as the JSON of a record refers to them, and what is kept of them. */
function createViews(keepBytes: number): {
  readonly blobs: readonly Uint8Array[];
  view(payload: Payload): object;
} {
  const blobs: Uint8Array[] = [];
  return {
    blobs,
    view({ binary, bytes }) {
      const kept = bytes.subarray(0, keepBytes);
      blobs.push(kept);
      return { blob: kept.length, binary, length: bytes.length };
    },
  };
}

/** The number in a session's id: the rest of it is the worker's. */
export function sessionNumber(id: string): number {
  return Number.parseInt(id.slice(id.indexOf("-") + 1), 36);
}

/** Of a message of which nothing leaves, or not for itself. */
const NOT_WRITTEN = { writeMs: null, unsentBytes: 0 };

class DirectionRecorder implements TrafficSink {
  keepBytes: number;
  #writer: RecordWriter;
  readonly #place: { route: string; session: number; origin: Origin; sequence: number; time: number };

  constructor(
    place: { readonly route: string; readonly session: number; readonly origin: Origin },
    { writer, keepBytes }: RecordTarget,
  ) {
    this.keepBytes = keepBytes;
    this.#writer = writer;
    this.#place = { ...place, sequence: 1, time: 0 };
  }

  aim({ writer, keepBytes }: RecordTarget): void {
    this.keepBytes = keepBytes;
    this.#writer = writer;
  }

  frames(run: FrameRun): void {
    this.#writer.frames(this.#at(run.time), run);
    this.#place.sequence += run.count;
  }

  frame({ header, payload, time, isDropped }: TappedFrame): void {
    this.#writer.frame(this.#at(time), header, isDropped, payload);
    this.#place.sequence++;
  }

  message(trace: FlowTrace, { outcome, after, replies, appended }: FlowResult) {
    const { view, blobs } = createViews(this.keepBytes);
    const { origin, original, steps, durationMs, time } = trace;
    const record = {
      kind: "frame",
      ...(origin.by && { by: origin.by }),
      opcode: original.binary ? 2 : 1,
      fin: true,
      isCompressed: origin.isCompressed,
      maskKey: origin.maskKey === 0 ? null : origin.maskKey.toString(16).padStart(8, "0"),
      length: original.bytes.length,
      frames: origin.frames,
      durationMs,
      outcome,
      payload: view(original),
      after: after === undefined ? null : view(after),
      replies: replies.map(view),
      appended: appended.map(view),
      steps: steps.map(({ after: made, ...step }) => ({
        ...step,
        changed: made !== undefined,
        // What the last of them made is there already.
        after: made === undefined || made === after || this.keepBytes === 0 ? null : view(made),
      })),
    };
    const place = this.#at(time);
    let finish: FinishRecord | undefined;
    if (outcome === "passed" || outcome === "replaced")
      finish = this.#writer.unfinished(place, { record, rest: NOT_WRITTEN }, blobs);
    else this.#writer.json(place, { ...record, ...NOT_WRITTEN }, blobs);
    this.#place.sequence++;
    return finish;
  }

  /** The one place of this direction, reused: the writer keeps nothing of it. */
  #at(time: number): RecordPlace {
    this.#place.time = time;
    return this.#place;
  }
}
