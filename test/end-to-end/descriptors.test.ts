import { connect, type Socket } from "node:net";
import test from "ava";
import { main, startProcess } from "../cli/process.ts";
import { eventually } from "../support/eventually.ts";
import { writeConfig } from "../support/gateways/gateway-process.ts";

test("out of descriptors: 503, a console that answers, a short log, and room again when others have left", async (t) => {
  const root = await writeConfig(t, { workers: 1, routes: [{ path: "/*", upstream: "ws://127.0.0.1:1" }] });
  const command = `ulimit -n 300; exec "${process.execPath}" "${main}" start`;
  const gateway = startProcess(t, "/bin/sh", ["-c", command], root);
  const [line] = await gateway.output(/^\{.*"gateway ready".*\}$/m);
  const { listen, console } = JSON.parse(line);
  const sockets: Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  let refused = 0;
  for (let index = 0; index < 400; index++) {
    const socket = connect(listen[0].port, "127.0.0.1").on("error", () => {});
    // The head has no end, so that who is let in stays.
    socket.write("GET / HTTP/1.1\r\nHost: test\r\n");
    socket.on("data", (bytes) => {
      if (String(bytes).startsWith("HTTP/1.1 503 ")) refused++;
    });
    sockets.push(socket);
  }
  await gateway.output(/"code":"ERR_NO_ROOM","detail":"118 connections are open: [^"]*300 files/);
  await eventually("somebody is told 503", () => refused > 0);
  t.is((await fetch(`http://127.0.0.1:${console.port}/healthz`)).status, 200);
  for (const socket of sockets) socket.destroy();
  const answer = await eventually("there is room again", async () => {
    const { status } = await fetch(`http://127.0.0.1:${listen[0].port}/`).catch(() => ({ status: 503 }));
    return status !== 503 && status;
  });
  t.is(answer, 426);
  gateway.process.kill("SIGTERM");
  const { exitCode, stdout } = await gateway.ended;
  t.is(exitCode, 0);
  t.true(stdout.length < 20_000, stdout);
});
