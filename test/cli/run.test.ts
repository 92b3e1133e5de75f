import { once } from "node:events";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import { startEchoServer } from "../../cli/echo-server.ts";
import { makeFolder } from "../config/folder.ts";
import { cpuMsOf, findDescendants, isRunning } from "../support/child-processes.ts";
import { eventually } from "../support/eventually.ts";
import { runCommand } from "./in-process.ts";
import { runCli, startCli } from "./process.ts";

const ports = ["--port", "0", "--console-port", "0", "--workers", "1"];
const shout = 'export const client = ({ content }) => ({ content: { body: content.body + "!" } });\n';

test("init, then dev --echo: a message comes back changed, SIGTERM ends it with 0", async (t) => {
  const dir = await makeFolder(t);
  await runCommand(["init"], dir);
  const gateway = startCli(t, ["dev", "--echo", ...ports], dir);
  const [, url] = await gateway.output(/Connect +(ws:\S+)/);
  await gateway.output(
    /Try +npx -y wscat -c ws:\S+\n +and type \{"text":"hi"\}\n +Policies +policies .*\n +Console +http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}\n/,
  );
  const socket = await connect(t, url!);
  socket.send('{"text":"hi"}');
  const [body] = await once(socket, "message");
  t.deepEqual(JSON.parse(String(body)), { text: "hi", greeting: "Hello from the gateway", count: 1 });
  const types = join(dir, "policies/.packs/framegate-packs.d.ts");
  t.regex(await readFile(types, "utf8"), /readonly hello: true;/);
  await writeFile(join(dir, "policies/late.ts"), shout);
  await eventually("an editor knows it", async () =>
    (await readFile(types, "utf8")).includes("readonly late: true"),
  );
  await rm(join(dir, "policies/late.ts"));
  await eventually(
    "it does not any more",
    async () => !(await readFile(types, "utf8")).includes("readonly late: true"),
  );
  gateway.process.kill("SIGTERM");
  t.is((await gateway.ended).exitCode, 0);
});

test("--upstream and --policies need no config file; start logs JSON lines", async (t) => {
  const server = await startEchoServer();
  t.teardown(() => server.close());
  const dir = await makeFolder(t, { "hooks/shout.ts": shout });
  const gateway = startCli(t, ["start", "--upstream", server.url, "--policies", "hooks", ...ports], dir);
  const [line] = await gateway.output(/^\{.*"listen".*\}$/m);
  const { listen } = JSON.parse(line);
  const socket = await connect(t, `ws://127.0.0.1:${listen[0].port}/any/path`);
  socket.send("hi");
  t.is(String((await once(socket, "message"))[0]), "hi!");
  socket.close();
  gateway.process.kill("SIGINT");
  const { exitCode, stdout, stderr } = await gateway.ended;
  t.is(exitCode, 0, stderr);
  for (const text of stdout.trim().split("\n")) t.notThrows(() => JSON.parse(text), text);
});

test("SIGHUP reads the config again, and its secrets; one that is broken leaves the running one in place", async (t) => {
  const server = await startEchoServer();
  t.teardown(() => server.close());
  const secret = (value: string) => `redis://:${value}@127.0.0.1:1\n`;
  const configOf = (path: string) =>
    `kv: { url: { file: redis } }\nroutes:\n  - path: ${path}\n    upstream: ${server.url}\n`;
  const dir = await makeFolder(t, {
    "framegate.config.yaml": configOf("/a"),
    redis: secret("hunter2-first"),
  });
  const file = join(dir, "framegate.config.yaml");
  const gateway = startCli(t, ["start", ...ports, "--set", "console.host=localhost"], dir);
  const [line] = await gateway.output(/^\{.*"listen".*\}$/m);
  const url = `ws://127.0.0.1:${JSON.parse(line).listen[0].port}`;
  await connect(t, `${url}/a`);

  await writeFile(file, "routes: 1\n");
  await gateway.output(/"the config file has changed: SIGHUP takes it"/);
  gateway.process.kill("SIGHUP");
  await gateway.output(/reload failed.*routes: expected a list of routes, got 1/);
  await connect(t, `${url}/a`);

  await writeFile(file, configOf("/b"));
  await writeFile(join(dir, "redis"), secret("hunter2-second"));
  gateway.process.kill("SIGHUP");
  await gateway.output(/a change of kv takes effect at the next start/);
  await gateway.output(/config reloaded/);
  await connect(t, `${url}/b`);
  t.is(await readFile(file, "utf8"), configOf("/b"));
  gateway.process.kill("SIGTERM");
  const { stdout, stderr } = await gateway.ended;
  t.notRegex(stdout + stderr, /hunter2/);
  t.regex(stdout, /no connection to Redis/);
  t.notRegex(stdout, /connection to Redis is back/);
});

test("watchConfig: an edit is taken without a signal, a broken one leaves the running config in place", async (t) => {
  const server = await startEchoServer();
  t.teardown(() => server.close());
  const configOf = (path: string) =>
    `watchConfig: true\nroutes:\n  - path: ${path}\n    upstream: ${server.url}\n`;
  const dir = await makeFolder(t, { "framegate.config.yaml": configOf("/a") });
  const file = join(dir, "framegate.config.yaml");
  // At once: a file that is written to is empty for a moment, and may be seen to change twice.
  const edit = async (text: string): Promise<void> => {
    await writeFile(join(dir, "next"), text);
    await rename(join(dir, "next"), file);
  };
  const gateway = startCli(t, ["start", ...ports], dir);
  const [line] = await gateway.output(/^\{.*"listen".*\}$/m);
  const url = `ws://127.0.0.1:${JSON.parse(line).listen[0].port}`;
  const open = await connect(t, `${url}/a`);

  await edit("routes: 1\n");
  await gateway.output(/reload failed.*routes: expected a list of routes, got 1/);
  await edit(configOf("/b"));
  // With the line it is true.
  await gateway.output(/config reloaded/);
  await connect(t, `${url}/b`);
  open.send("still here");
  t.is(String((await once(open, "message"))[0]), "still here");

  // Each loss is told once, and each return; the config stays meanwhile.
  const told = (what: string, times: number) =>
    gateway.output(new RegExp(`(?:"msg":"${what}[\\s\\S]*){${times}}`));
  const isMissing = "reload failed, the running config stays:[^\n]*There is no config file";
  await rm(file);
  await told(isMissing, 1);
  await connect(t, `${url}/b`);
  await edit(configOf("/c"));
  await told("config reloaded", 2);
  await connect(t, `${url}/c`);
  await rename(dir, `${dir}.away`);
  await told(isMissing, 2);
  await rename(`${dir}.away`, dir);
  await told("config reloaded", 3);
  await edit("");
  await told("reload failed[^\n]*expected an object", 1);
  await connect(t, `${url}/c`);
  await edit(configOf("/d"));
  await told("config reloaded", 4);
  await connect(t, `${url}/d`);
  gateway.process.kill("SIGTERM");
  const { stdout } = await gateway.ended;
  t.is(stdout.split("There is no config file").length - 1, 2);
});

test("a signal while it is starting ends it, whatever a policy does at its load, and every process of its own", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml":
      'sandbox: { loadTimeout: "1h" }\nroutes:\n  - path: /*\n    upstream: ws://127.0.0.1:1\n    policies: "*"\n',
    "policies/endless.ts": "export const client = () => {};\nfor (;;);\n",
  });
  const gateway = startCli(t, ["start", ...ports], dir);
  const started = await eventually("a policy is being loaded", () => {
    const all = findDescendants(gateway.process.pid ?? 0);
    return all.some((child) => cpuMsOf(child) > 1000) && all;
  });
  gateway.process.kill("SIGTERM");
  const { exitCode, stdout } = await gateway.ended;
  t.is(exitCode, 0);
  t.notRegex(stdout, /gateway ready/);
  await eventually("all its processes have ended", () => !started.some(isRunning));
});

test("two signals of one press are one, and connections are taken in the drain's delay; a second press ends it at once", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml":
      'drain: { delay: "1h" }\nroutes:\n  - path: /*\n    upstream: ws://127.0.0.1:1\n',
  });
  const gateway = startCli(t, ["start", "--echo", ...ports], dir);
  const [line] = await gateway.output(/^\{.*"listen".*\}$/m);
  const { listen, console } = JSON.parse(line);
  const url = `ws://127.0.0.1:${listen[0].port}/`;
  const client = await connect(t, url);
  // Two of one kind at once may be one to the system.
  gateway.process.kill("SIGTERM");
  gateway.process.kill("SIGINT");
  await gateway.output(/gateway stopping/);
  t.is((await fetch(`http://127.0.0.1:${console.port}/readyz`)).status, 503);
  for (const each of [client, await connect(t, url)]) {
    each.send("still here");
    t.is(String((await once(each, "message"))[0]), "still here");
  }
  await eventually("a signal ends it", () => {
    gateway.process.kill("SIGTERM");
    return gateway.process.exitCode !== null;
  });
  const { exitCode, stdout } = await gateway.ended;
  t.is(exitCode, 143);
  t.regex(stdout, /gateway stopping[\s\S]*"signal":"SIGTERM".*stopped at once/);
});

test("a port that is in use: one line, exit code 1", async (t) => {
  const blocker = createServer().listen(0, "127.0.0.1");
  t.teardown(() => blocker.close());
  await once(blocker, "listening");
  const { port } = blocker.address() as { port: number };
  const dir = await makeFolder(t);
  const args = ["start", "--echo", "--port", String(port), "--console-port", "0", "--workers", "1"];
  const { exitCode, stderr } = await runCli(t, args, dir);
  t.is(exitCode, 1);
  t.regex(stderr, new RegExp(`^framegate: .*${port}.*\\n$`));
});

async function connect(t: ExecutionContext, url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  t.teardown(() => socket.terminate());
  await once(socket, "open");
  return socket;
}
