import test from "ava";
import { OPCODE } from "../../core/wire/frame.ts";
import { shareModes } from "./modes.ts";
import { readToClose } from "./reading.ts";

/** RFC 6455, sections 5.5.1 and 7: docs/conformance.md has the sentence of each test. */

const { each, relay } = shareModes(test);
const { text, binary, ping, close } = OPCODE;

const body = (code: number, reason: string | Uint8Array = "") =>
  Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason as string)]);

const GOOD = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const BAD = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

each("a Close without a body stays without one, and is answered by the other end", async (t, session) => {
  const { sender, receiver, frame, answer, mode, from } = session;
  sender.write(Buffer.concat([frame(text, "last"), frame(close, "")]));
  t.deepEqual(await readToClose(receiver), ["text last", "close"], mode.name);
  receiver.write(answer(close, ""));
  t.deepEqual(await readToClose(sender), ["close"], mode.name);
  sender.socket.end();
  receiver.socket.end();
  t.like(await relay.ended(session.path), { initiator: from, code: 1005, cause: "peer" });
});

each("every code that may stand in a Close goes on, with its reason", async (t, session) => {
  const { frame, answer, mode } = session;
  for (const code of GOOD) {
    const again = code === GOOD[0] ? session : await session.reopen();
    again.sender.write(frame(close, body(code, "warum nicht? ✓")));
    t.deepEqual(await readToClose(again.receiver), [`close ${code} warum nicht? ✓`], mode.name);
    again.receiver.write(answer(close, body(code)));
    t.deepEqual(await readToClose(again.sender), [`close ${code}`], mode.name);
  }
});

each("a reason of 123 bytes goes on", async (t, { sender, receiver, frame, mode }) => {
  sender.write(frame(close, body(1000, "r".repeat(123))));
  t.deepEqual(await readToClose(receiver), [`close 1000 ${"r".repeat(123)}`], mode.name);
});

each("a code that must not stand in a Close is a 1002", async (t, session) => {
  const { frame, mode } = session;
  for (const code of BAD) {
    const { sender, receiver } = code === BAD[0] ? session : await session.reopen();
    sender.write(frame(close, body(code)));
    t.regex((await readToClose(receiver)).at(-1) ?? "", /^close 1002 /, `${code}, ${mode.name}`);
  }
});

each("a Close with a body of one byte is a 1002", async (t, { sender, receiver, frame, mode }) => {
  sender.write(frame(close, Buffer.of(3)));
  t.regex((await readToClose(receiver)).at(-1) ?? "", /^close 1002 /, mode.name);
});

each("a reason that is not UTF-8 is a 1007", async (t, { sender, receiver, frame, mode }) => {
  sender.write(frame(close, body(1000, Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex"))));
  t.regex((await readToClose(receiver)).at(-1) ?? "", /^close 1007 /, mode.name);
});

each("nothing goes on after a Close", async (t, session) => {
  const { sender, receiver, frame, answer, mode } = session;
  sender.write(
    Buffer.concat([
      frame(close, body(1000)),
      frame(text, "late"),
      frame(ping, "late"),
      frame(close, body(1001)),
    ]),
  );
  t.deepEqual(await readToClose(receiver), ["close 1000"], mode.name);
  receiver.write(answer(close, body(1000)));
  t.deepEqual(await readToClose(sender), ["close 1000"], mode.name);
  sender.socket.end();
  receiver.socket.end();
  t.deepEqual((await receiver.rest()).frames, [], mode.name);
});

each("what the other end sent before its own Close still arrives", async (t, session) => {
  const { sender, receiver, frame, answer, mode } = session;
  sender.write(frame(close, body(1000)));
  await readToClose(receiver);
  receiver.write(Buffer.concat([answer(binary, "on the way"), answer(close, body(1000))]));
  t.deepEqual((await readToClose(sender)).at(-1), "close 1000", mode.name);
});

each("both ends may close at once", async (t, session) => {
  const { sender, receiver, frame, answer, mode } = session;
  sender.write(frame(close, body(4001)));
  receiver.write(answer(close, body(4002)));
  const [atReceiver, atSender] = await Promise.all([readToClose(receiver), readToClose(sender)]);
  t.deepEqual([atReceiver, atSender], [["close 4001"], ["close 4002"]], mode.name);
});

each(
  "after the closing handshake the client's connection is closed by the gateway, the server's by the server",
  async (t, session) => {
    const { sender, receiver, frame, answer, mode, from } = session;
    sender.write(frame(close, body(1000)));
    await readToClose(receiver);
    receiver.write(answer(close, body(1000)));
    await readToClose(sender);
    const [client, server] = from === "client" ? [sender, receiver] : [receiver, sender];
    t.deepEqual(await client.rest(), { frames: [], ended: "fin" }, mode.name);
    server.socket.end();
    t.deepEqual(await server.rest(), { frames: [], ended: "fin" }, mode.name);
  },
);

each(
  "a connection that ends without a Close ends so for the other end, and no code is made up",
  async (t, session) => {
    const { sender, receiver, frame, mode, from } = session;
    sender.write(frame(text, "last"));
    sender.socket.end();
    t.is(String((await receiver.next()).payload), "last", mode.name);
    t.deepEqual(await receiver.rest(), { frames: [], ended: "fin" }, mode.name);
    receiver.socket.end();
    t.like(await relay.ended(session.path), { initiator: from, code: 1006, cause: "vanished" });
  },
);
