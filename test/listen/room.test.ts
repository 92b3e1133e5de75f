import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import test from "ava";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import { findMaxConnections } from "../../core/listen/descriptors.ts";
import { Room } from "../../core/listen/room.ts";
import { eventually } from "../support/eventually.ts";

test("as many connections as descriptors allow, and never none", (t) => {
  t.is(findMaxConnections(1024), 480);
  t.is(findMaxConnections(300), 118);
  t.is(findMaxConnections(undefined), Number.POSITIVE_INFINITY);
  t.is(findMaxConnections(10), 1);
});

test("who finds no room is told so, and there is room again when another has left", async (t) => {
  const room = new Room({ possible: 100, why: "", wanted: 1 }, new OwnPlaces());
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (room.enter(socket) !== undefined) return room.turnAway(socket, false);
    socket.write("in");
    socket.on("end", () => socket.end()).resume();
  }).listen(0, "127.0.0.1");
  t.teardown(() => server.close());
  await once(server, "listening");
  const knock = () => connect((server.address() as AddressInfo).port, "127.0.0.1");
  const first = knock();
  t.is(String((await once(first, "data"))[0]), "in");
  const second = knock();
  second.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  t.regex(await text(second), /^HTTP\/1\.1 503 [\s\S]*\r\n\r\n503 Service Unavailable\n$/);
  first.end();
  await eventually("there is room again", async () => {
    const next = knock();
    const [answer] = await once(next, "data");
    next.end();
    return String(answer) === "in";
  });
});
