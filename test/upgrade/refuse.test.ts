import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import test from "ava";
import type { Refusal } from "../../core/request/refusal.ts";
import { refuseUpgrade } from "../../core/upgrade/refuse.ts";

/** What a client gets that never ends its own side; settles once the gateway's socket is closed for good. */
async function answerTo(refusal: Refusal): Promise<string> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [socket] = (await once(server, "connection")) as [Socket];
  const isClosed = once(socket, "close");
  refuseUpgrade(socket, refusal, "id-7");
  const answer = await text(client);
  await isClosed;
  client.destroy();
  server.close();
  return answer;
}

test("the client gets the status and the id, not the detail, and the socket is closed", async (t) => {
  const answer = await answerTo({ code: "ERR_UPSTREAM_UNREACHABLE", detail: "10.0.0.7 refused" });
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  t.deepEqual(head.split("\r\n"), [
    "HTTP/1.1 502 Bad Gateway",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ]);
  t.is(body, "502 Bad Gateway\nid: id-7\n");
});

test("a refusal may bring its own status, fields and body; its length is in bytes", async (t) => {
  const answer = await answerTo({
    code: "ERR_REJECTED",
    detail: "",
    status: 401,
    headers: [["WWW-Authenticate", "Bearer"]],
    body: { bytes: "☃", contentType: "text/plain" },
  });
  t.true(
    answer.startsWith(
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Type: text/plain\r\n",
    ),
  );
  t.true(answer.includes("Content-Length: 3\r\n"));
  t.true(answer.endsWith("\r\n\r\n☃"));
});

test("a status without a body has none, and an unknown one no phrase", async (t) => {
  const bodiless = await answerTo({
    code: "ERR_UPSTREAM_REFUSED",
    detail: "",
    status: 304,
    body: { bytes: "x" },
  });
  t.is(bodiless, "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
  t.true((await answerTo({ code: "ERR_UPSTREAM_ABORTED", detail: "" })).startsWith("HTTP/1.1 499 \r\n"));
});

test("a client that does not take its answer is not waited for", async (t) => {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  client.on("error", () => {}).pause();
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  const [socket] = (await once(server, "connection")) as [Socket];
  // More than the system's buffers of both ends hold.
  const body = { bytes: Buffer.alloc(32 * 1024 * 1024) };
  refuseUpgrade(socket, { code: "ERR_REJECTED", detail: "", body }, "id-7", 100);
  await once(socket, "close");
  t.false(socket.writableFinished);
});
