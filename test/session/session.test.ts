import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as immediate } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { Newcomers } from "../../core/session/newcomers.ts";
import { PassingMap } from "../../core/session/passing-map.ts";
import type { Seat } from "../../sandbox/contract.ts";
import { eventually } from "../support/eventually.ts";
import { collectGarbage } from "../support/garbage.ts";
import { closeBody, frame } from "../wire/frames.ts";
import { seatOf, verdict } from "./relay/pump-rig.ts";
import { socketPair, startSession } from "./session-rig.ts";
import { timelessSeats } from "./timeless-seats.ts";

async function openSession(t: ExecutionContext, policies: { client?: Seat } = {}, closeTimeoutMs = 60_000) {
  const client = await socketPair(t);
  const server = await socketPair(t);
  // As dialling leaves it.
  server.own.pause();
  const { session, ended } = startSession(
    {
      client: { socket: client.own },
      server: { socket: server.own, head: frame({ opcode: 1, payload: "head" }) },
    },
    {
      closeTimeoutMs,
      seats: {
        ...timelessSeats,
        chain: (origin) => (origin === "client" && policies.client ? [policies.client] : []),
      },
    },
  );
  return { session, client: client.peer, server: server.peer, ours: client.own, ended };
}

/** Read until so many bytes are there. */
async function read(socket: Socket, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= size) break;
  }
  return Buffer.concat(chunks);
}

test("both legs are read, what came with the handshake first", async (t) => {
  const { client, server } = await openSession(t);
  const [head, later] = [frame({ opcode: 1, payload: "head" }), frame({ opcode: 1, payload: "later" })];
  server.write(later);
  t.deepEqual(await read(client, head.length + later.length), Buffer.concat([head, later]));
  const fromClient = frame({ opcode: 1, payload: "hi", key: 7 });
  client.write(fromClient);
  t.deepEqual(await read(server, fromClient.length), fromClient);
});

test("of one that has expired before it begins nothing is delivered", async (t) => {
  const client = await socketPair(t);
  const server = await socketPair(t);
  const { ended } = startSession(
    {
      client: { socket: client.own, head: frame({ opcode: 1, payload: "late", key: 7 }) },
      server: { socket: server.own },
    },
    { terms: [{ use: "leased", expires: Date.now() - 1 }] },
  );
  const close = frame({ opcode: 8, payload: closeBody(1008, "expired") });
  t.deepEqual(await read(client.peer, close.length), close);
  client.peer.end(frame({ opcode: 8, payload: closeBody(1008), key: 1 }));
  server.peer.end();
  t.like(await ended, { cause: "expires", policy: "leased", messages: { client: 0, server: 0 } });
});

test("a policy that closes is the one who ended the session", async (t) => {
  const { client, server, ended } = await openSession(t, { client: seatOf(() => verdict({ close: 4001 })) });
  client.write(frame({ opcode: 1, payload: "x", key: 1 }));
  await read(client, frame({ opcode: 1, payload: "head" }).length + 4);
  client.end(frame({ opcode: 8, payload: closeBody(4001), key: 1 }));
  await read(server, 8);
  server.end(frame({ opcode: 8, payload: closeBody(4001) }));
  const end = await ended;
  t.like(end, { initiator: "policy", code: 4001 });
});

test("peers that stop in the middle of a frame do not hold up the gateway's close", async (t) => {
  const { session, client, server, ended } = await openSession(t, {}, 50);
  client.write(frame({ opcode: 1, payload: "half", key: 1 }).subarray(0, 8));
  server.write(frame({ opcode: 1, payload: "half" }).subarray(0, 4));
  await Promise.all([read(server, 8), read(client, 10)]);
  session.close({ code: 1001, reason: "" }, { cause: "admin", detail: "by hand" });
  t.like(await ended, { initiator: "gateway", code: 1001, cause: "admin", detail: "by hand" });
});

test("a reset right behind a FIN ends both legs", async (t) => {
  const { client, server, ours, ended } = await openSession(t);
  server.resume();
  // While the FIN for the server is on its way.
  ours.once("end", () => process.nextTick(() => ours.destroy(new Error("reset"))));
  client.resume();
  client.end();
  t.like(await ended, { initiator: "client", code: 1006 });
});

test("a client that takes no replies is not read on", async (t) => {
  const reply = "r".repeat(1_000_000);
  const { client, ours } = await openSession(t, {
    client: seatOf(() => verdict({ drop: true, reply: [reply] })),
  });
  const isPaused = once(ours, "pause");
  const question = frame({ opcode: 1, payload: "?", key: 1 });
  for (let count = 0; count < 20; count++) client.write(question);
  await isPaused;
  const isResumed = once(ours, "resume");
  const size =
    20 * frame({ opcode: 1, payload: reply }).length + frame({ opcode: 1, payload: "head" }).length;
  t.is((await read(client, size)).length, size);
  await isResumed;
});

test("of many that last no more than some hundreds are gone on with in one turn, and none that has ended by then", async (t) => {
  const newcomers = new Newcomers(0);
  const lasting: number[] = [];
  const turns: number[] = [];
  const sessions = Array.from({ length: 1000 }, (_, n) => ({
    id: `${n}`,
    onLasting() {
      lasting.push(n);
      if (n === 0) newcomers.leave(sessions[999]!);
    },
  }));
  for (const session of sessions) newcomers.add(session);
  newcomers.leave(sessions[1]!);
  while (lasting.length < 998) {
    const before = lasting.length;
    await new Promise((resolve) => setImmediate(resolve));
    turns.push(lasting.length - before);
  }
  t.deepEqual(
    lasting,
    sessions.map((_, n) => n).filter((n) => n !== 1 && n !== 999),
  );
  t.true(Math.max(...turns) <= 500, String(turns));
  // One that comes later is gone on with as well.
  newcomers.add({ id: "later", onLasting: () => void lasting.push(1000) });
  await eventually("the later one to last", () => lasting.at(-1) === 1000);
});

test("what only sessions need that last is done once, and not of one that has ended before", async (t) => {
  const done: string[] = [];
  const newcomers = new Newcomers(0);
  const begin = async (name: string) => {
    const [client, server] = [await socketPair(t), await socketPair(t)];
    server.own.setKeepAlive = (...how: unknown[]) => {
      done.push(`${name} keeps alive ${how.join(" ")}`);
      return server.own;
    };
    const seats = { ...timelessSeats, onLasting: () => void done.push(`${name} lasts`) };
    return startSession(
      { client: { socket: client.own }, server: { socket: server.own } },
      { seats, shared: { newcomers } },
    );
  };
  const ended = await begin("ended");
  ended.session.destroy();
  await ended.ended;
  t.deepEqual(done, []);
  await begin("first");
  await eventually("the first to last", () => done.length > 0);
  t.deepEqual(done, ["first keeps alive true 60000", "first lasts"]);
  await begin("second");
  await eventually("the second to last", () => done.length > 2);
  t.deepEqual(done.slice(2), ["second keeps alive true 60000", "second lasts"]);
});

test("a peer that has ended already gets what is on its way and a FIN, by one close", async (t) => {
  const { client, server, ours, ended } = await openSession(t);
  const close = { opcode: 8, payload: closeBody(1000) };
  client.end(frame({ ...close, key: 1 }));
  await once(ours, "end");
  server.end(frame(close));
  const expected = Buffer.concat([frame({ opcode: 1, payload: "head" }), frame(close)]);
  t.deepEqual(await read(client, expected.length), expected);
  client.resume();
  const [hadError] = await once(client, "close");
  t.false(hadError);
  t.is((await ended).code, 1000);
  t.false(ours.writableEnded);
});

test("a slow client that has ended its side gets all that was on its way before the gateway's Close", async (t) => {
  const { session, client, server, ours } = await openSession(t);
  client.end();
  await once(ours, "end");
  const part = frame({ opcode: 2, payload: "x".repeat(30_000) });
  const passed = [frame({ opcode: 1, payload: "head" })];
  // More than the system holds for a receiver that takes nothing.
  while (ours.writableLength === 0) {
    server.write(part);
    passed.push(part);
    while (session.traffic.messages.server < passed.length) await immediate();
  }
  session.close({ code: 1001, reason: "" }, { cause: "drain", detail: "" });
  server.resume();
  server.end();
  while (ours.writable) await immediate();
  const expected = Buffer.concat([...passed, frame({ opcode: 8, payload: closeBody(1001) })]);
  t.true((await read(client, expected.length)).equals(expected));
  client.resume();
  const [hadError] = await once(client, "close");
  t.false(hadError);
});

test("a socket that has closed keeps nothing of its session", async (t) => {
  const sockets: Socket[] = [];
  const open = async () => {
    const { session, ours, ended } = await openSession(t);
    sockets.push(ours);
    session.destroy();
    await ended;
    return new WeakRef(session);
  };
  const session = await open();
  await eventually("the session to be garbage", () => {
    collectGarbage();
    return session.deref() === undefined;
  });
  t.true(sockets[0]?.destroyed);
});

test("what is taken out of a map of passing things is let go of, though a table that it was in is still there", (t) => {
  const map = new PassingMap<{ readonly n: number }>();
  map.set("first", { n: 0 });
  map.set("second", { n: 1 });
  // It stands in the first table until it goes on.
  const values = map.values();
  t.deepEqual(values.next().value, { n: 0 });
  const second = new WeakRef(map.get("second") ?? {});
  for (let n = 2; n < 1000; n++) map.set(`${n}`, { n });
  map.delete("second");
  t.is(map.size, 999);
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    collectGarbage();
    t.is(second.deref(), undefined);
    t.deepEqual(values.next().value, { n: 2 });
  });
});

test("a session that has ended is let go of, though newcomers are still gone through", async (t) => {
  const newcomers = new Newcomers(0);
  const add = (id: string): WeakRef<object> => {
    const session = { id, onLasting() {} };
    newcomers.add(session);
    return new WeakRef(session);
  };
  const { promise: lasted, resolve } = Promise.withResolvers<object | undefined>();
  newcomers.add({
    id: "first",
    onLasting() {
      for (let n = 2; n < 1000; n++) add(`${n}`);
      newcomers.leave({ id: "second", onLasting() {} });
      collectGarbage();
      resolve(second.deref());
    },
  });
  const second = add("second");
  t.is(await lasted, undefined);
});
