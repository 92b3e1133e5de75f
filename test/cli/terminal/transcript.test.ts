import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { WebSocket } from "ws";
import { makeFolder } from "../../config/folder.ts";
import { findChildren, findDescendants, isRunning } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { startAtTerminal, startCli } from "../process.ts";

const LIMITS = `export const client = ({ content }) => {
  if (content.body === "too much") return { close: { code: 4001, reason: "banned" } };
};
`;
const CONFIG = `listen: [{ port: 0 }]
console: { port: 0 }
routes:
  - path: /chat/:room
    name: chat
    upstream: ws://127.0.0.1:1
    policies: [order-limits]
  - path: /dead
    upstream: ws://127.0.0.1:1
`;

test("what a person sees: a connection, mistakes and their undoing, refusals, the end", async (t) => {
  const dir = await makeFolder(t, { "framegate.config.yaml": CONFIG, "policies/order-limits.ts": LIMITS });
  const gateway = startCli(t, ["dev", "--echo", "chat"], dir);
  const [, url] = await gateway.output(/Connect +(ws:\S+)/);
  t.is(findChildren(gateway.process.pid!, "worker-process").length, 1);
  const policy = join(dir, "policies/order-limits.ts");
  const config = join(dir, "framegate.config.yaml");
  // In one step: a file that is written to is empty for a moment.
  const save = async (file: string, text: string): Promise<void> => {
    await writeFile(join(dir, "next"), text);
    await rename(join(dir, "next"), file);
  };

  const chat = new WebSocket(url!, ["chat.v2"]);
  await once(chat, "open");
  t.is(chat.protocol, "chat.v2");
  chat.send("hello");
  t.is(String((await once(chat, "message"))[0]), "hello");
  chat.send("too much");
  t.deepEqual((await once(chat, "close")).map(String), ["4001", "banned"]);
  await gateway.output(/closed 4001/);

  await save(policy, LIMITS.replace("content.body ===", "content.body = = ="));
  await gateway.output(/not loaded/);
  await save(policy, LIMITS);
  await gateway.output(/is fine again/);

  await save(policy, LIMITS.replace("if (", 'if (content.body === "x") null.x;\n  if ('));
  await gateway.output(/reloaded in/);
  const faulty = new WebSocket(url!);
  await once(faulty, "open");
  faulty.send("x");
  await once(faulty, "close");
  await gateway.output(/closed 1011/);

  await save(config, CONFIG.replace("policies:", "polices:"));
  await gateway.output(/reload failed/);
  await save(config, CONFIG);
  await gateway.output(/config reloaded/);

  await save(config, CONFIG.replace("[order-limits]", "[order-limit]"));
  await gateway.output(/the policies that it had stay[\s\S]*config reloaded/);
  const guarded = new WebSocket(url!);
  await once(guarded, "open");
  guarded.send("too much");
  t.is(String((await once(guarded, "close"))[0]), "4001");
  await gateway.output(/stay[\s\S]*closed 4001/);
  await save(config, CONFIG);
  await gateway.output(/fine again, it was[\s\S]*config reloaded/);

  const [refused] = await once(new WebSocket(url!.replace(/chat.*/, "nope")), "error");
  t.regex(String(refused), /404/);
  await gateway.output(/404/);
  const [dead] = await once(new WebSocket(url!.replace(/chat.*/, "dead")), "error");
  t.regex(String(dead), /502/);
  await gateway.output(/502/);

  const left = new WebSocket(url!);
  await once(left, "open");
  await gateway.output(/( 101 [\s\S]*){4}/);
  gateway.process.kill("SIGINT");
  const { exitCode, stdout, stderr } = await gateway.ended;
  t.is(exitCode, 0);
  t.is(stderr, "");
  t.is(mask(stdout), TRANSCRIPT);
});

test("at a terminal: colours, keys that do what they say, and it is left as it was", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": CONFIG,
    "policies/order-limits.ts": LIMITS,
    "browser.sh": '#!/bin/sh\necho "$1" > opened\n',
  });
  await chmod(join(dir, "browser.sh"), 0o755);
  const env = { BROWSER: join(dir, "browser.sh"), DISPLAY: "", WAYLAND_DISPLAY: "" };
  const gateway = startAtTerminal(t, ["dev", "--echo"], { cwd: dir, env });
  await gateway.output(/h shows them/);
  await gateway.output(/␛\[1m␛\[36morder-limits␛\[39m␛\[22m loaded in/);
  await gateway.output(/␛\[32mFramegate is ready\./);

  gateway.stdin.write("h");
  await gateway.output(/r {3}read the config and all policies again/);
  gateway.stdin.write("r");
  await gateway.output(/reading the config and all policies again[\s\S]*config reloaded/);
  gateway.stdin.write("c");
  await gateway.output(/␛\[2J␛\[3J␛\[H/);
  gateway.stdin.write("o");
  const opened = await eventually("the browser is opened", () => {
    const file = join(dir, "opened");
    return existsSync(file) && readFileSync(file, "utf8");
  });
  t.regex(opened, /^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}\n$/);

  await writeFile(join(dir, "policies/order-limits.ts"), "export const client = 1 +;\n");
  await gateway.output(/␛\[31merror␛\[39m [^\n]*order-limits[^\n]*not loaded[\s\S]*␛\[1m␛\[31m[^\n]*\^/);
  gateway.stdin.write("q");
  const { exitCode, stdout } = await gateway.ended;
  t.regex(stdout, /stopping; Ctrl-C once more stops at once\r\n[\s\S]*\nisig icanon/);
  t.notRegex(stdout, /-icanon|-echo /);
  t.is(exitCode, 0);
});

test("Ctrl-C at a terminal: once gracefully, once more at once, and the terminal is left as it was", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": `drain: { delay: "1h" }\n${CONFIG}`,
    "policies/order-limits.ts": LIMITS,
  });
  const gateway = startAtTerminal(t, ["dev", "--echo"], { cwd: dir });
  await gateway.output(/h shows them/);
  gateway.stdin.write("\u0003");
  await gateway.output(/stopping; Ctrl-C once more stops at once/);
  // Of one press there may be two signals: those of half a second are one.
  await eventually("one more press ends it", () => {
    gateway.stdin.write("\u0003");
    return gateway.process.exitCode !== null;
  });
  const { stdout } = await gateway.ended;
  t.regex(stdout, /stopped at once, open sessions are cut off/);
});

test("a gateway whose window is closed stops: nobody could stop it later", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": CONFIG,
    "policies/order-limits.ts": LIMITS,
  });
  const gateway = startAtTerminal(t, ["dev", "--echo"], { cwd: dir });
  await gateway.output(/h shows them/);
  const started = findDescendants(gateway.process.pid!);
  t.true(started.length > 2);
  gateway.process.kill("SIGKILL");
  await eventually("all its processes have ended", () => !started.some(isRunning));
});

const TRANSCRIPT = `TIME order-limits loaded in SOON

  Framegate is ready. It took SOON.

  Connect    ws://127.0.0.1:PORT/chat/room
  Try        npx -y wscat -c ws://127.0.0.1:PORT/chat/room
             and type {"text":"hi"}
  Policies   policies   (saved is live)
  Console    http://127.0.0.1:PORT/#token=TOKEN
  Upstream   of chat the embedded echo server: every message comes back

TIME chat 101 → ws://127.0.0.1:PORT/chat/room as chat.v2 (127.0.0.1:PORT) ID
TIME chat closed 4001 "banned" by policy order-limits after SOON, 2 ↑ 1 ↓ ID
TIME error order-limits not loaded, the last good version stays: policies/order-limits.ts:2:22: Unexpected "="

    2 │   if (content.body = = = "too much") return { close: { code: 4001, ...
      ╵                      ^

TIME order-limits is fine again: the file is what runs
TIME order-limits reloaded in SOON
TIME chat 101 → ws://127.0.0.1:PORT/chat/room (127.0.0.1:PORT) ID
TIME error order-limits \`client\` threw TypeError: Cannot read properties of null (reading 'x') ID

    1 │ export const client = ({ content }) => {
    2 │   if (content.body === "x") null.x;
      ╵                                  ^
    3 │   if (content.body === "too much") return { close: { code: 4001, reason: "banned" } };

    at client (policies/order-limits.ts:2:34)
TIME chat closed 1011 "internal error": policy order-limits failed after SOON, 1 ↑ 0 ↓ ID
TIME error reload failed, the running config stays:
    framegate.config.yaml has a problem:
      routes[0].polices: unknown option; did you mean \`policies\`?
TIME config reloaded, fine again
TIME error framegate.config.yaml: route "chat" names the policy "order-limit", which is not there (did you mean "order-limits"?); the policies that it had stay until the next start, which refuses its connections
TIME config reloaded
TIME chat 101 → ws://127.0.0.1:PORT/chat/room (127.0.0.1:PORT) ID
TIME chat closed 4001 "banned" by policy order-limits after SOON, 1 ↑ 0 ↓ ID
TIME fine again, it was: framegate.config.yaml: route "chat" names the policy "order-limit", which is not there (did you mean "order-limits"?); the policies that it had stay until the next start, which refuses its connections
TIME config reloaded
TIME /nope 404 refused: no route for /nope (127.0.0.1:PORT) ERR_NO_ROUTE ID
TIME warning /dead 502 refused: ws://127.0.0.1:1/dead: connect ECONNREFUSED 127.0.0.1:1; nothing listens there: NEXT STEP (127.0.0.1:PORT) ERR_UPSTREAM_UNREACHABLE ID
TIME chat 101 → ws://127.0.0.1:PORT/chat/room (127.0.0.1:PORT) ID
TIME stopping; Ctrl-C once more stops at once
TIME chat closed 1001 "gateway is stopping": drained after SOON, 0 ↑ 0 ↓ ID
`;

/** What differs from run to run. */
function mask(text: string): string {
  return (
    text
      .replaceAll(/^\d\d:\d\d:\d\d/gm, "TIME")
      .replaceAll(/\b\d+(\.\d)? (ms|s)\b/g, "SOON")
      .replaceAll(/:\d{4,5}\b/g, ":PORT")
      // Whose URL is to be corrected is no matter of the terminal.
      .replaceAll(/(nothing listens there: )[^(\n]*/g, "$1NEXT STEP ")
      .replaceAll(/token=[\w-]{32}/g, "token=TOKEN")
      .replaceAll(/\b[0-9a-f]{10}-[0-9a-f]+\b/g, "ID")
  );
}

test("at a terminal: what a shell brings to the front has keys from then on", async (t) => {
  const dir = await makeFolder(t, { "policies/.gitkeep": "" });
  const args = ["dev", "--echo", "--port", "0", "--console-port", "0"];
  const gateway = startAtTerminal(t, args, { cwd: dir, behind: true });
  const [ready] = await gateway.output(/Framegate is ready.*embedded echo server/s);
  t.false(ready.includes("h shows them"));
  gateway.stdin.write("\nh");
  await gateway.output(/open the console in the browser/);
  gateway.stdin.write("q");
  t.is((await gateway.ended).exitCode, 0);
});
