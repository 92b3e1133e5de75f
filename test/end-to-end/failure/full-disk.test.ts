import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { WebSocket } from "ws";
import { main } from "../../cli/process.ts";
import { eventually } from "../../support/eventually.ts";
import { writeConfig } from "../../support/gateways/gateway-process.ts";
import { startServer } from "../../support/peers/peers.ts";

const onLinux = existsSync("/dev/full") ? test : test.skip;

onLinux("a log on a full disk: the gateway says so on stderr, serves, and ends in order", async (t) => {
  const server = await startServer(t);
  const root = await writeConfig(t, {
    listen: [{ socket: "gate.sock" }],
    console: false,
    workers: 1,
    routes: [{ path: "/*", upstream: server.url }],
  });
  const gateway = spawn(process.execPath, [main, "start"], {
    cwd: root,
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
  });
  t.teardown(() => gateway.kill("SIGKILL"));
  let stderr = "";
  gateway.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = once(gateway, "close");
  await eventually("it listens", () => existsSync(join(root, "gate.sock")));
  await eventually("stderr says it", () => stderr.includes("the log cannot be written (ENOSPC"));
  for (const text of ["one", "two"]) {
    const client = new WebSocket(`ws+unix:${join(root, "gate.sock")}:/`);
    await once(client, "open");
    client.send(text);
    t.is(String((await once(client, "message"))[0]), text);
    client.close();
  }
  gateway.kill("SIGTERM");
  t.deepEqual(await ended, [0, null]);
  t.is(stderr.split("the log cannot be written").length - 1, 1);
});
