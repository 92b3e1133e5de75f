/**
 * relay.ts PORT UPSTREAM_PORT looks|sets|rewrites [POLICIES]: the least that a gateway does whose policies run in another process. It
 * finds, unmasks and checks each of the client's messages, and asks that process about all that a turn has, which enters an
 * isolate for them (`asked.ts`); what comes back is checked and leaves in one write for each connection. Of what the server sends
 * it looks at the headers. Whole text messages only, and no limits, queues, journal, records or Close.
 *
 *   looks     the messages go there, the frames go on as they came; with POLICIES, through as many isolates in one trip
 *   sets      the other process is told of a message without its text, and a member is set here, in its bytes
 *   rewrites  the messages go there, and come back as other texts
 */
import { connect, createServer, type Socket } from "node:net";
import { SharedReads } from "../../../../sandbox/shared-reads.ts";
import { endTogether } from "../../../lib/forked-relay.ts";
import { FrameWatch } from "../frame-watch.ts";
import { Answering } from "./answering.ts";
import { type Asker, Asking } from "./asking.ts";
import { headerBytesOf, lengthOfFrame, NOT_WHOLE } from "./client-frames.ts";
import { createEditing } from "./editing.ts";
import { createFrameReader, type Question } from "./records.ts";
import { ReusedMemory } from "./reused-memory.ts";
import { type SocketWrites, TurnWrites } from "./turn-writes.ts";

interface Sender extends Asker {
  readonly writes: SocketWrites;
}

const [port, upstream = 0] = process.argv.slice(2, 4).map(Number);
const [question, policies = "1"] = process.argv.slice(4) as [Question, string?];
const reads = new SharedReads();
const memory = new ReusedMemory();
const turn = new TurnWrites(memory);
const asking = new Asking<Sender>(question, Number(policies));
const answering = new Answering(memory, turn, question === "sets" ? createEditing() : (answer) => answer);
let connections = 0;

const server = createServer({ noDelay: true }, (client) => {
  const target = connect({ port: upstream, host: "127.0.0.1", noDelay: true });
  const watch = new FrameWatch(false);
  let sender: Sender | undefined;
  let head = "";
  let rest: Buffer | undefined;
  follow(client, (chunk) => {
    if (sender !== undefined) rest = takeFrames(rest, chunk, sender);
    else {
      head += chunk.toString("latin1");
      target.write(Buffer.from(chunk));
    }
  });
  follow(target, (chunk) => {
    if (sender === undefined) sender = open(head, turn.to(target));
    else watch.see(chunk);
    const bytes = memory.take(chunk.length);
    bytes.bytes.set(chunk);
    bytes.write(client, 0, chunk.length);
    memory.give(bytes);
  });
  client.on("close", () => {
    if (sender !== undefined) asking.forget(sender);
  });
  endTogether(client, target);
});
const read = createFrameReader((bytes, from, to) => {
  const batch = asking.takeAnswered();
  answering.take(batch, bytes, from, to);
  asking.give(batch);
});
follow(asking.socket, (chunk) => {
  read(chunk);
  answering.endTurn();
});
server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));

function follow(socket: Socket, onBytes: (bytes: Buffer) => void): void {
  socket.on("data", onBytes);
  reads.follow(socket, onBytes);
  socket.resume();
}

/** The server has answered the handshake: what policies are told of the connection is what the request said. */
function open(head: string, writes: SocketWrites): Sender {
  const user = /^x-user: (.*)$/im.exec(head)?.[1] ?? "nobody";
  const context = JSON.stringify({ attributes: { user } });
  return { connection: connections++, context, isKnown: false, writes };
}

/** @returns the beginning of a frame that has not come whole */
function takeFrames(rest: Buffer | undefined, chunk: Buffer, sender: Sender): Buffer | undefined {
  const end = (rest?.length ?? 0) + chunk.length;
  const frames = memory.take(end);
  if (rest !== undefined) frames.bytes.set(rest);
  frames.bytes.set(chunk, end - chunk.length);
  let at = 0;
  for (
    let length = lengthOfFrame(frames, at, end);
    length !== NOT_WHOLE;
    length = lengthOfFrame(frames, at, end)
  ) {
    asking.add(sender, frames, at, length);
    at += headerBytesOf(length) + length;
  }
  const next = at === end ? undefined : Buffer.from(frames.bytes.subarray(at, end));
  if (frames.uses === 0) memory.give(frames);
  return next;
}
