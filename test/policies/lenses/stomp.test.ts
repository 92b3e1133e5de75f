import { FrameImpl, Parser } from "@stomp/stompjs";
import test from "ava";
import type { TestConnection } from "../../../testing/index.ts";
import { inPieces, loadLens } from "./support.ts";

/** What the lens sees of a SEND goes to its sender; by destination, other things become of it. */
const POLICY = `
  import { stomp } from "framegate/lenses";

  export default stomp({
    connect: (frame) => (frame.headers.login === "eve" ? { content: { body: { ...frame, headers: { ...frame.headers, login: frame.headers.passcode?.replace("!", "\\n") ?? "" } } } } : undefined),
    send(frame) {
      const { destination, ...headers } = frame.headers;
      if (destination === "/see")
        return { drop: true, reply: [{ command: "MESSAGE", headers: {}, body: JSON.stringify({ headers, body: typeof frame.body === "string" ? frame.body : [...frame.body] }) }] };
      if (destination === "/drop") return { drop: true };
      if (destination === "/change") return { content: { body: { ...frame, headers: { ...headers, destination: "/a:b\\n\\\\c" }, body: String(frame.body).toUpperCase() } } };
      if (destination === "/bytes") return { content: { body: { ...frame, body: Uint8Array.of(0, 255) } } };
      if (destination === "/close") return { close: { code: 1008 } };
    },
    message: (frame) => (frame.headers.destination === "/internal" ? { drop: true } : undefined),
  });`;

const CONNECT = "CONNECT\naccept-version:1.2,1.1\nhost:a\n\n\0";
const connectedTo = (version: string) => `CONNECTED\nversion:${version}\n\n\0`;

const send = (destination: string, body = "x", headers = "") =>
  `SEND\ndestination:${destination}\n${headers}\n${body}\0`;

async function open(connection: TestConnection, version = "1.2"): Promise<TestConnection> {
  await connection.client(CONNECT);
  await connection.server(connectedTo(version));
  return connection;
}

/** What goes on, one message behind the other. */
async function passed(connection: TestConnection, message: string | Uint8Array) {
  const { body, appended } = await connection.client(message);
  return [...(body === undefined ? [] : [body]), ...appended];
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("frames and heart-beats pass as they came, text or bytes", async (t) => {
  const policy = await loadLens(t, POLICY);
  const connection = await open(policy.connection({ subprotocol: "v12.stomp" }));
  for (const message of [
    "\n",
    "\r\n\n",
    `${send("/a", "é")}\n`,
    `\n${send("/a", "with\0in", "content-length:7\n")}${send("/b")}\n\n`,
    "SUBSCRIBE\r\nid:0\r\ndestination:/a\r\n\r\n\0",
    bytesOf(send("/a", "bytes")),
    send("/a", "", "a\\cb:c\\\\nd\na\\cb:second\n"),
    "DISCONNECT\nreceipt:1\n\n\0",
  ]) {
    t.deepEqual((await connection.client(message)).body, message);
  }
  t.is((await connection.server("MESSAGE\ndestination:/a\n\nx\0\n")).isDropped, false);
  t.true((await connection.server("MESSAGE\ndestination:/internal\n\nx\0")).isDropped);
});

test("a frame is seen as it is meant, changed ones are written so, those beside them stay as they came", async (t) => {
  const policy = await loadLens(t, POLICY);
  const connection = await open(policy.connection({ subprotocol: "v12.stomp" }));
  const seen = async (message: string | Uint8Array) => {
    const [reply = ""] = (await connection.client(message)).replies;
    const answer = typeof reply === "string" ? reply : new TextDecoder().decode(reply);
    return JSON.parse(answer.slice(answer.indexOf("\n\n")).replace("\0", ""));
  };
  t.deepEqual(await seen(send("/see", "hi", "a\\cb:c\\\\nd\\ne\na\\cb:second\n")), {
    headers: { "a:b": "c\\nd\ne" },
    body: "hi",
  });
  const binary = Uint8Array.from([...bytesOf("SEND\ndestination:/see\ncontent-length:2\n\n"), 0xff, 0, 0]);
  t.deepEqual(await seen(binary), { headers: { "content-length": "2" }, body: [0xff, 0] });

  const changed = "SEND\ndestination:/a\\cb\\n\\\\c\n\nLOUD\0";
  t.deepEqual(await passed(connection, `${send("/a")}\n${send("/change", "loud")}${send("/b")}`), [
    send("/a"),
    changed,
    send("/b"),
  ]);
  t.deepEqual(await passed(connection, bytesOf(send("/change", "é", "content-length:2\n"))), [
    bytesOf("SEND\ndestination:/a\\cb\\n\\\\c\ncontent-length:2\n\nÉ\0"),
  ]);
  t.deepEqual(await passed(connection, send("/bytes")), [
    Uint8Array.from([...bytesOf("SEND\ndestination:/bytes\ncontent-length:2\n\n"), 0, 255, 0]),
  ]);
  t.deepEqual(await passed(connection, send("/a") + send("/drop") + send("/b")), [send("/a"), send("/b")]);
  t.deepEqual(await passed(connection, send("/drop")), []);
});

test("headers are those of stompjs with STOMP 1.2, either way", async (t) => {
  const policy = await loadLens(t, POLICY);
  const connection = await open(policy.connection({ subprotocol: "v12.stomp" }));
  const written = FrameImpl.marshall({
    command: "SEND",
    headers: { destination: "/change", note: "a:b\nc\\d" },
    body: "é",
    escapeHeaderValues: true,
  });
  const [changed = ""] = await passed(connection, String(written));
  const frames: FrameImpl[] = [];
  const ignorePing = () => {};
  new Parser((raw) => frames.push(FrameImpl.fromRawFrame(raw, true)), ignorePing).parseChunk(String(changed));
  // The destination has a backslash and a `c` behind each other, which the library's own reader takes for a colon.
  t.like(frames[0], { command: "SEND", body: "É" });
  t.like(frames[0]?.headers, { note: "a:b\nc\\d", "content-length": "2" });
});

test("a frame that goes over several messages", async (t) => {
  const policy = await loadLens(t, POLICY);
  const sent = send("/a", "1") + send("/change", "loud".repeat(100)) + send("/drop") + send("/b", "2");
  const expected = [
    send("/a", "1"),
    `SEND\ndestination:/a\\cb\\n\\\\c\n\n${"LOUD".repeat(100)}\0`,
    send("/b", "2"),
  ];
  for (const size of [1, 3, 50]) {
    const connection = await open(policy.connection({ subprotocol: "v12.stomp" }));
    const arrived: (string | Uint8Array)[] = [];
    for (const piece of inPieces(bytesOf(sent), size))
      arrived.push(...(await passed(connection, new TextDecoder().decode(piece))));
    t.deepEqual(arrived, expected, `pieces of ${size}`);
  }
});

test("what is no STOMP ends the connection with 1002, and what is read in two ways", async (t) => {
  const policy = await loadLens(t, POLICY);
  const endOf = async (side: "client" | "server", message: string | Uint8Array, version = "1.2") => {
    const connection = await open(policy.connection({ subprotocol: "v12.stomp" }), version);
    const { close, body } = await connection[side](message);
    t.is(close === undefined, body !== undefined || message === "SEND\na:b");
    return close?.code;
  };
  for (const [what, message] of Object.entries({
    "a command that is none": "HELLO\n\n\0",
    "a command in small letters": "send\ndestination:/a\n\n\0",
    "what the server alone sends": "MESSAGE\ndestination:/a\n\n\0",
    "a header without a colon": "SEND\nnothing\ndestination:/a\n\n\0",
    "a header without a name": "SEND\n:/a\n\n\0",
    "a name with a space": "SEND\ndestination :/a\n\n\0",
    "an escape that there is not": "SEND\ndestination:/a\\t\n\n\0",
    "a carriage return in a header": "SEND\ndestination:/a\rb\n\n\0",
    "a byte order mark": "SEND\ndestination:\uFEFF/a\n\n\0",
    "a NUL in the headers": "SEND\ndestination:/a\0\n\n\0",
    "a length that is none": send("/a", "x", "content-length:x\n"),
    "a length beyond the end": send("/a", "xy", "content-length:1\n"),
    JSON: '{"a":1}\n\n\0',
    "a control character before the length": send("/a", "x", "\u0001content-length:1\n"),
    "more frames than are read of a message": send("/a").repeat(257),
    "more headers than are read of a frame": send("/a", "x", "a:b\n".repeat(1_024)),
    "what never ends": `SEND\na:${"x".repeat(17_000)}`,
  }))
    t.is(await endOf("client", message), 1002, what);
  t.is(await endOf("client", Uint8Array.from([...bytesOf("SEND\na:"), 0xff, 10, 10, 0])), 1002, "no UTF-8");
  t.is(await endOf("client", "SEND\r\na:b\r\n\r\n\0", "1.1"), 1002, "STOMP 1.1 has no carriage returns");
  t.is(await endOf("client", "SEND\r\na:b\r\n\r\n\0"), undefined);
  t.is(await endOf("client", "SEND\na:b"), undefined, "a beginning");
  t.is(await endOf("server", send("/a")), 1002, "what the client alone sends");
  for (const old of [connectedTo("1.0"), "CONNECTED\nsession:1\n\n\0"])
    t.is(await endOf("server", old), 1002, "STOMP 1.0");
});

test("a handler cannot write a line break into a CONNECT: it would be another header", async (t) => {
  const policy = await loadLens(t, POLICY);
  const connection = policy.connection({ subprotocol: "v12.stomp" });
  const login = (passcode: string) =>
    connection.client(`CONNECT\naccept-version:1.2\nlogin:eve\npasscode:${passcode}\n\n\0`);
  const { body } = await login("a\\nb:c");
  t.is(body, "CONNECT\naccept-version:1.2\nlogin:a\\nb:c\npasscode:a\\nb:c\n\n\0");
  await t.throwsAsync(login("a!admin:true"), { message: /a header cannot have "\\n" in it/ });
});
