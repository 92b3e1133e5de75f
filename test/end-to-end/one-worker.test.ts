import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import test from "ava";
import { at } from "../support/at.ts";
import { findChildren, isRunning } from "../support/child-processes.ts";
import { eventually } from "../support/eventually.ts";
import { startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

test("a single worker accepts by itself; who comes while there is none waits for its successor", async (t) => {
  const server = await startServer(t);
  const gateway = await startGatewayProcess(t, {
    config: { workers: 1, routes: [{ path: "/*", upstream: server.url }] },
  });
  const workers = () => findChildren(gateway.pid, "worker-process");
  const first = await connectClient(t, gateway.url);
  const pid = at(workers(), 0);
  // What is stopped takes nothing: so there is nobody until its successor.
  process.kill(pid, "SIGSTOP");
  t.teardown(() => isRunning(pid) && process.kill(pid, "SIGKILL"));
  await eventually("it is stopped", () => /\) T /.test(readFileSync(`/proc/${pid}/stat`, "latin1")));
  const waiting = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  t.teardown(() => waiting.destroy());
  // The address is the supervisor's: it takes the connection, and what is sent.
  await once(waiting, "connect");
  waiting.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  process.kill(pid, "SIGKILL");
  t.is((await first.closed).code, 1006);
  const [answer] = await once(waiting, "data");
  t.regex(String(answer), /^HTTP\/1\.1 426 /);

  const second = await connectClient(t, gateway.url);
  second.send("hello");
  t.is(await second.next(), "hello");
  t.false(isRunning(pid));
  t.is(workers().length, 1);
});
