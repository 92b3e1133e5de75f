import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { Batch } from "./batch.ts";
import { type Question, SOCKET_FD, TOLD_BYTES } from "./records.ts";
import type { Reused } from "./reused-memory.ts";

/** Whose messages are asked about. */
export interface Asker {
  readonly connection: number;
  /** JSON; the other process is told of it before the first message. */
  readonly context: string;
  isKnown: boolean;
}

/** Asks the other process about messages: those of a turn in one frame, one that comes alone at once. */
export class Asking<Sender extends Asker> {
  readonly socket: Socket;
  readonly #hasTexts: boolean;
  #open = new Batch<Sender>();
  readonly #sent: Batch<Sender>[] = [];
  readonly #free: Batch<Sender>[] = [];
  #isScheduled = false;

  /** @param policies of a chain that each message goes through there */
  constructor(question: Question, policies: number) {
    const file = fileURLToPath(new URL("asked.ts", import.meta.url));
    const flags = ["--no-warnings", "--no-node-snapshot", "--no-turboshaft-loop-unrolling"];
    const child = spawn(process.execPath, [...flags, file, question, String(policies)], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    this.socket = child.stdio[SOCKET_FD] as Socket;
    this.#hasTexts = question !== "sets";
  }

  /** Of a message: its frame, as it came, and how long its payload is. */
  add(sender: Sender, frames: Reused, at: number, length: number): void {
    const { connection, context } = sender;
    if (!sender.isKnown) this.#tell(connection, context);
    sender.isKnown = true;
    const batch = this.#batchFor(length);
    let run = batch.runs.at(-1);
    if (run === undefined || run.frames !== frames) {
      run = { sender, frames, from: at, messages: 0 };
      batch.runs.push(run);
      frames.uses++;
    }
    run.messages++;
    batch.add(connection, frames, at, length);
  }

  forget({ connection, isKnown }: Sender): void {
    if (!isKnown) return;
    if (this.#open.count > 0) this.#send();
    this.#tell(connection, "");
  }

  /** The batch that was answered, which is to be given back. */
  takeAnswered(): Batch<Sender> {
    const batch = this.#sent.shift();
    if (batch === undefined) throw new Error("an answer that nobody asked for");
    return batch;
  }

  give(batch: Batch<Sender>): void {
    batch.clear();
    this.#free.push(batch);
  }

  #tell(connection: number, context: string): void {
    const json = Buffer.from(context);
    const head = new Uint32Array([TOLD_BYTES + json.length, 0, connection]);
    this.socket.write(Buffer.concat([Buffer.from(head.buffer), json]));
  }

  #batchFor(bytes: number): Batch<Sender> {
    if (!this.#open.hasRoomFor(bytes)) this.#send();
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      if (this.#sent.length === 0) process.nextTick(() => this.#sendLast());
      else setImmediate(() => this.#sendLast());
    }
    return this.#open;
  }

  #sendLast(): void {
    this.#isScheduled = false;
    if (this.#open.count > 0) this.#send();
  }

  #send(): void {
    const batch = this.#open;
    this.#open = this.#free.pop() ?? new Batch<Sender>();
    this.#sent.push(batch);
    this.socket.write(batch.seal(this.#hasTexts));
  }
}
