import type { HostProcess } from "../../../sandbox/client/process/host-process.ts";
import { SEAT_OP } from "../../../sandbox/wire/call-record.ts";
import { decodeCalls } from "../../../sandbox/wire/calls.ts";
import type { ClientMessage } from "../../../sandbox/wire/control.ts";
import { createFrameReader, FRAME_KIND, FrameWriter, readControl } from "../../../sandbox/wire/frames.ts";
import { RESULT_BYTES, type ResultKind, ResultRecords } from "../../../sandbox/wire/result-record.ts";
import { encodeResults } from "../../../sandbox/wire/results.ts";

/** A call as the host has got it. */
export interface SentCall {
  readonly instance: number;
  readonly id: number;
  readonly seat: number;
  readonly op: number;
  readonly text: string;
  /** In bytes, as the message came. */
  readonly size: number;
  isPending: boolean;
}

/** What a host is to its worker, without isolates: it notes what it gets, and says what a test wants it to say. */
export class FakeHost implements HostProcess {
  readonly pid = 0;
  readonly nodePid = 0;
  readonly out = new FrameWriter();
  readonly exited = new Promise<void>(() => {});
  /** Not answered, in the order they came. */
  readonly calls: SentCall[] = [];
  /** By instance: the seats that are open in it. Of those that have been loaded and not dropped. */
  readonly open = new Map<number, Set<number>>();
  /** Frames of calls, and of what there is to say of seats, that it got: each is an entry into an isolate. */
  batches = 0;
  /** What it got that makes no sense. */
  readonly complaints: string[] = [];
  readonly #loading: number[] = [];

  readonly #read = createFrameReader((kind, bytes, start, end) => {
    if (kind === FRAME_KIND.control) this.#onMessage(readControl<ClientMessage>(bytes, start, end));
    else this.#onCalls(bytes, start);
  });

  flush(): void {
    this.out.flush({
      write: (frames, taken) => {
        this.#read(Buffer.from(frames));
        taken();
      },
    });
  }

  send(message: ClientMessage): void {
    this.out.control(message);
    this.flush();
  }

  /** The numbers of the instances that it was told to load since it was asked last. */
  takeLoads(): number[] {
    return this.#loading.splice(0);
  }

  /** The isolate is there. */
  load(instance: number): void {
    this.open.set(instance, new Set());
  }

  /** The isolate has gone, and its calls with it. */
  lose(instance: number): SentCall[] {
    this.open.delete(instance);
    const lost = this.calls.filter((call) => call.instance === instance);
    for (const call of lost) this.calls.splice(this.calls.indexOf(call), 1);
    return lost;
  }

  /** A `results` frame with one result: its bytes, and where its body begins and ends. */
  answer(
    call: Pick<SentCall, "id" | "instance">,
    kind: ResultKind,
    text = "",
  ): [bytes: Buffer, start: number, end: number] {
    const records = new ResultRecords(new ArrayBuffer(RESULT_BYTES), 0, 1);
    const { id, instance } = call;
    records.write(0, { id, kind, textLength: text.length, sessionLength: -1, binaryLength: 0 });
    const out = new FrameWriter();
    encodeResults(out, instance, { count: 1, records, text, binary: undefined, spentUs: 0 });
    let found: [Buffer, number, number] | undefined;
    const read = createFrameReader((_, bytes, start, end) => {
      found = [bytes, start, end];
    });
    out.flush({
      write: (frames, taken) => {
        read(Buffer.from(frames));
        taken();
      },
    });
    if (found === undefined) throw new Error("a frame did not come back");
    return found;
  }

  attach(): void {}

  readJournal(): never {
    throw new Error("it keeps no journal");
  }

  peek() {
    return { entry: 0, limitMs: 0 };
  }

  kill(): void {}

  #onMessage(message: ClientMessage): void {
    if (message.type === "load") this.#loading.push(message.instance);
    else if (message.type === "drop") {
      if (this.calls.some(({ instance }) => instance === message.instance))
        this.complaints.push(`instance ${message.instance} was dropped with calls`);
      if (!this.open.delete(message.instance))
        this.complaints.push(`instance ${message.instance} was dropped and is not there`);
    }
  }

  #onCalls(bytes: Buffer, start: number): void {
    const { instance, count, records, text } = decodeCalls(bytes, start);
    this.batches++;
    const seats = this.open.get(instance);
    if (seats === undefined) this.complaints.push(`calls came for instance ${instance}, which is not there`);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const [op, seat, length] = [records.op(i), records.seat(i), records.textLength(i)];
      const own = text.slice(at, at + length);
      at += length;
      if (op === SEAT_OP.open) seats?.add(seat);
      else if (op === SEAT_OP.close) seats?.delete(seat);
      else {
        if (seats !== undefined && !seats.has(seat))
          this.complaints.push(`a call came for seat ${seat}, which is not open in ${instance}`);
        if (op === SEAT_OP.update) continue;
        const size = records.size(i);
        this.calls.push({ instance, id: records.id(i), seat, op, text: own, size, isPending: false });
      }
    }
  }
}
