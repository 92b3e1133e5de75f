/**
 * Twelve mistakes of somebody who begins, each with the exact words that `framegate check` and `framegate dev` have for it: what is wrong,
 * where, why, and what to do next.
 */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import test from "ava";
import { WebSocket } from "ws";
import { startEchoServer } from "../../cli/echo-server.ts";
import { makeFolder } from "../config/folder.ts";
import { quietPorts } from "../support/servers/quiet-ports.ts";
import { runCommand } from "./in-process.ts";
import { runCli, startCli } from "./process.ts";

const route = { path: "/chat", upstream: "http://127.0.0.1:9" };
const configOf = (config: object) => JSON.stringify({ listen: [{ port: 0 }], console: false, ...config });

test("a misspelt option, and a value of the wrong type", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.json": configOf({
      listen: [{ port: "8080" }],
      routes: [{ path: "/chat", upstrem: "http://127.0.0.1:9" }],
    }),
  });
  const checked = await runCommand(["check"], dir);
  t.is(
    checked.stdout,
    [
      'framegate.config.json: listen[0].port: expected a port from 0 to 65535, got "8080"',
      "framegate.config.json: routes[0].upstrem: unknown option; did you mean `upstream`?",
      "2 problems in the config and 0 policies\n",
    ].join("\n\n"),
  );
  t.is(
    (await runCommand(["dev"], dir)).stderr.replaceAll(dir, "DIR"),
    [
      "framegate: DIR/framegate.config.json has 2 problems:",
      '  listen[0].port: expected a port from 0 to 65535, got "8080"',
      "  routes[0].upstrem: unknown option; did you mean `upstream`?\n",
    ].join("\n"),
  );
});

test("a port that is in use", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const dir = await makeFolder(t, {
    "framegate.config.json": configOf({ listen: [{ port }], routes: [route] }),
  });
  const { exitCode, stderr } = await runCli(t, ["dev", "--workers", "0"], dir);
  t.is(exitCode, 1);
  t.is(
    stderr,
    `framegate: cannot listen on 127.0.0.1:${port}: the port is in use. Stop what uses it, or choose another one with --port, or --console-port for the console\n`,
  );
});

test("a syntax error, `node:fs`, a package that is missing, a policy that is none, and wrong options of a standard one", async (t) => {
  const jwt = { use: "@framegate/standard/jwt", options: { secrt: "…", algorithms: ["HS256"] } };
  const dir = await makeFolder(t, {
    "framegate.config.json": configOf({ routes: [{ ...route, policies: ["syntax", "jwtt", jwt] }] }),
    "policies/syntax.ts": "export const client = () => {\n  return { drop: fal se };\n};\n",
    "policies/files.ts":
      'import { readFileSync } from "node:fs";\n\nexport const client = () => ({ reply: [readFileSync("/a", "utf8")] });\n',
    "policies/missing.ts":
      'import ms from "ms-of-nobody";\n\nexport const client = () => ({ reply: [ms(1)] });\n',
  });
  const { stdout } = await runCommand(["check"], dir);
  t.is(
    stdout,
    [
      'policies/files.ts:1:30: Node modules do not exist in the sandbox ("node:fs"). A policy cannot read files: import a JSON file, or take settings from the context\'s `options`.',
      '    1 │ import { readFileSync } from "node:fs";\n      ╵                              ~~~~~~~~~',
      'policies/missing.ts:1:16: Could not resolve "ms-of-nobody". Install the package in policies or a folder above it.',
      '    1 │ import ms from "ms-of-nobody";\n      ╵                ~~~~~~~~~~~~~~',
      'policies/syntax.ts:2:22: Expected "}" but found "se"',
      "    2 │   return { drop: fal se };\n      │                      ~~\n      ╵                      }",
      'framegate.config.json: routes[0].policies[1]: there is no policy "jwtt"; did you mean "@framegate/standard/jwt"?',
      'framegate.config.json: routes[0].policies[2], policy "@framegate/standard/jwt": option `secrt`: unknown (did you mean `secret`?); option `issuer`: expected it, but it is missing',
      "5 problems in the config and 4 policies\n",
    ].join("\n\n"),
  );
});

test("a wrong verdict does not compile", async (t) => {
  const dir = await makeFolder(t, {
    "policies/verdict.ts":
      'import type { Message } from "framegate/policy";\n\nexport const client: Message = () => {\n  return { drop: true, replies: ["no"] };\n};\n',
  });
  t.is(
    (await runCommand(["check", "--policies", "policies"], dir)).stdout,
    "policies/verdict.ts:4:24: a `MessageVerdict` has no key `replies`; did you mean `reply`?\n\n1 problem in the config and 1 policy\n",
  );
});

test("a throw, an endless loop, a wrong verdict, a path in the wrong case, and a server that is down", async (t) => {
  const echo = await startEchoServer();
  t.teardown(() => echo.close());
  const [nobody] = await quietPorts(1);
  const policies = ["throw", "loop", "verdict"];
  const dir = await makeFolder(t, {
    "framegate.config.json": configOf({
      // A busy machine is not to make a timeout of the others.
      sandbox: { messageTimeout: "500ms" },
      routes: [
        ...policies.map((name) => ({ path: `/${name}`, upstream: echo.url, policies: [name] })),
        { path: "/chat", upstream: `http://127.0.0.1:${nobody}` },
      ],
    }),
    "policies/throw.ts":
      "export const client = ({ content }: any) => {\n  const order = JSON.parse(content.body);\n  return { reply: [order.items.length] };\n};\n",
    "policies/loop.ts":
      "export const client = () => {\n  let tries = 0;\n  while (tries >= 0) tries++;\n};\n",
    "policies/verdict.ts": 'export const client = () => {\n  return { drop: true, replies: ["no"] };\n};\n',
  });
  const gateway = startCli(t, ["dev", "--workers", "1"], dir);
  const [, base] = await gateway.output(/Connect +(ws:\/\/127\.0\.0\.1:\d+)/);
  for (const path of ["/throw", "/loop", "/verdict", "/Chat", "/chat"]) {
    const socket = new WebSocket(base + path);
    socket.on("error", () => {});
    socket.on("open", () => socket.send("{}"));
    await new Promise((closed) => socket.on("close", closed));
  }
  await gateway.output(/\/chat 502.*/);
  gateway.process.kill("SIGINT");
  const { stdout } = await gateway.ended;
  const lines = linesOf(stdout.replaceAll(dir, "DIR").replaceAll(String(nobody), "PORT"));
  const expected = [
    "error throw `client` threw TypeError: Cannot read properties of undefined (reading 'length')",
    "    at client (policies/throw.ts:3:32)",
    '/throw closed 1011 "internal error": policy throw failed after TIME, 1 ↑ 0 ↓',
    "error loop `client` ran for more than 500 ms (`sandbox.messageTimeout`) and was stopped at policies/loop.ts:3:3",
    "    at client (policies/loop.ts:3:3)",
    '/loop closed 1011 "internal error": policy loop failed after TIME, 1 ↑ 0 ↓',
    "error verdict `client`: expected the verdict to have only content, drop, reply, append, close, tick, held or renew, got the key `replies`; did you mean `reply`? (policies/verdict.ts:2:24)",
    '/verdict closed 1011 "internal error": policy verdict failed after TIME, 1 ↑ 0 ↓',
    "/Chat 404 refused: no route for /Chat, but one for /chat: upper and lower case count (CLIENT) ERR_NO_ROUTE",
    "warning /chat 502 refused: ws://127.0.0.1:PORT/chat: connect ECONNREFUSED 127.0.0.1:PORT; nothing listens there: start the server, or correct the route's `upstream`, or the policy's `connect` (CLIENT) ERR_UPSTREAM_UNREACHABLE",
  ];
  t.deepEqual(lines.toSorted(), expected.toSorted());
});

/** What is told of mistakes, without what is another each time. */
function linesOf(stdout: string): string[] {
  const lines = stdout.split("\n").map((line) =>
    line
      .replace(/^\d\d:\d\d:\d\d /, "")
      .replace(/ [0-9a-f]{10}-\d+$/, "")
      .replace(/ after \S+ m?s,/, " after TIME,")
      .replace(/\(127\.0\.0\.1:\d+\)/, "(CLIENT)"),
  );
  // How often an isolate is replaced hangs on how busy the machine is.
  return lines.filter((line) => /^(?:error|warning) (?!isolate)| closed | refused|^ +at /.test(line));
}
