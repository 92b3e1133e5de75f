import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "ava";
import { findGateway } from "../../../cli/admin/gateway-address.ts";
import { adminToken, json, readerToken, startConsole } from "../../admin/console.ts";
import { writeConfig } from "../../support/gateways/gateway-process.ts";
import { runCommand } from "../in-process.ts";

const list = (url: string, ...more: readonly string[]) =>
  runCommand(["sessions", "list", "--gateway", url, ...more]);

test("a console lets in who has its token, and the command says what is wrong otherwise", async (t) => {
  const { port } = await startConsole(t, undefined, { token: adminToken, readerToken });
  const url = `http://127.0.0.1:${port}`;
  const said = async (...more: readonly string[]) => {
    const { exitCode, stdout, stderr } = await list(url, ...more);
    return exitCode === 0 ? stdout : `${exitCode} ${stderr}`;
  };
  t.is(await said("--token", readerToken), "No open session fits.\n");
  t.deepEqual(JSON.parse(await said("--token", adminToken, "--json")), {
    sessions: [],
    total: 0,
    next: null,
    unanswered: [],
  });
  t.is(
    await said(),
    `1 framegate: The gateway at ${url} asks for a token: set FRAMEGATE_TOKEN, or name the config file that has it with --config. Where the config has none, it is what stands behind \`#token=\` in the console's address that \`framegate dev\` prints.\n`,
  );
  t.is(
    await said("--token", "not the token of this console"),
    `1 framegate: The gateway at ${url} does not know this token: it is \`token\` below \`console\` in its config.\n`,
  );
});

test("framegate health says how a gateway is, without a token", async (t) => {
  const { port } = await startConsole(t, undefined, { token: adminToken });
  const ask = (...more: readonly string[]) =>
    runCommand(["health", "--gateway", `http://127.0.0.1:${port}`, ...more]);
  t.deepEqual(await ask(), { exitCode: 0, stdout: "ok\n", stderr: "" });
  t.is((await ask("--ready")).stdout, "ready\n");
});

test("where no gateway is, the command says so", async (t) => {
  const server = createServer((_, response) => response.writeHead(404, json).end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.is(
    (await list(url)).stderr,
    `framegate: What answers at ${url} is no console of Framegate: it says 404.\n`,
  );
  await new Promise((resolve) => server.close(resolve));
  t.is(
    (await list(url)).stderr,
    `framegate: Nobody answers at ${url} (ECONNREFUSED): is the gateway running, and is this where its console is? Name another with --gateway URL.\n`,
  );
  t.regex(
    (await runCommand(["health", "--gateway", url])).stderr,
    /Nobody answers at .*\/healthz \(.*refused/i,
  );
  const { exitCode, stderr } = await list("localhost:9090");
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /Expected --gateway to be the address of a console such as http:\/\/127\.0\.0\.1:9090, got/,
  );
});

test("what a part of the fleet has not answered is said, and no success", async (t) => {
  const unanswered = [{ node: "b", reason: "silent" }];
  const job = {
    ...{ id: "1", what: "close", filter: "{}", which: "all", perSecond: 0, overMs: 0, startedAt: 1 },
    ...{ state: "done", sessions: 0, done: 0, left: 0, outcomes: {}, unanswered: ["b"], node: "a" },
  };
  const lost = { node: "a", nodes: [], isLost: true, problem: "Redis does not answer" };
  const answers: Record<string, object> = {
    "/sessions": { sessions: [], total: 0, next: null, unanswered },
    "/sessions/count": { sessions: 0, unanswered },
    "/sessions/close": { sessions: 0, which: "all", job, unanswered },
    "/steering": { jobs: [], unanswered },
    "/fleet": lost,
  };
  const server = createServer(({ url }, response) =>
    response.writeHead(200, json).end(JSON.stringify(answers[new URL(`http://a${url}`).pathname.slice(7)])),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = (...args: readonly string[]) => runCommand([...args, "--gateway", url]);
  const closed = await run("sessions", "close", "--all", "--yes");
  t.regex(
    closed.stdout,
    /^Not counted: b does not answer.*\nDone: 0 sessions\. Those of 1 node .* may be open/,
  );
  t.is((await run("fleet", "status")).stdout, "Something is wrong: Redis does not answer.\n");
  for (const args of [
    ["sessions", "close", "--all", "--yes"],
    ["sessions", "close", "--all", "--dry-run", "--json"],
    ["sessions", "list"],
    ["sessions", "count", "--json"],
    ["sessions", "progress"],
    ["fleet", "status"],
    ["fleet", "status", "--json"],
  ]) {
    const { exitCode, stderr } = await run(...args);
    t.deepEqual({ exitCode, stderr }, { exitCode: 3, stderr: "" }, args.join(" "));
  }
});

test("fleet status names the options that are otherwise, and of a machine that is gone no workers and sessions", async (t) => {
  const node = (name: string, more: object) => ({
    ...{ node: name, host: name, version: "0.1.0", startedAt: Date.now(), workers: 4, state: "ready" },
    ...{ config: "c", options: [], policies: [], rollouts: [], isSelf: false, seenMs: 1, sessions: 7 },
    ...{ differences: [], ...more },
  });
  const differences = [
    { what: "version", name: "" },
    { what: "config", name: "routes" },
    { what: "config", name: "sandbox" },
    { what: "policy", name: "auth" },
  ];
  const nodes = [
    node("a", { isSelf: true }),
    node("b", { differences }),
    node("c", { state: "gone", seenMs: 90_000 }),
  ];
  const fleet = { node: "a", nodes, isLost: false, problem: "" };
  const server = createServer((_, response) => response.writeHead(200, json).end(JSON.stringify(fleet)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { stdout, exitCode } = await runCommand(["fleet", "status", "--gateway", gateway]);
  t.is(exitCode, 0);
  const rows = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | "));
  t.deepEqual(rows.slice(1, 4), [
    "a * | a | 0.1.0 | 0s | ready | 4 | 7 | -",
    "b | b | 0.1.0 | 0s | ready | 4 | 7 | version, config (routes, sandbox), auth",
    "c | c | 0.1.0 | 0s | gone for 1m | - | - | -",
  ]);
});

test("the gateway is that of the config, whose token is for no other", async (t) => {
  const write = async (console: object | false) =>
    `${await writeConfig(t, { console: console as false, routes: [] })}/framegate.config.json`;
  const config = await write({ host: "::", port: 7000, token: adminToken });
  t.deepEqual(await findGateway({ config }), { url: "http://[::1]:7000", token: adminToken });
  t.deepEqual(await findGateway({ config, token: readerToken }), {
    url: "http://[::1]:7000",
    token: readerToken,
  });
  t.deepEqual(await findGateway({ config, gateway: "https://elsewhere:1/" }), {
    url: "https://elsewhere:1",
    token: undefined,
  });
  const closed = { config: await write(false) };
  await t.throwsAsync(findGateway(closed), { message: /console: false: name the gateway's console/ });
  const unknown = { config: await write({ port: 0, token: false }) };
  await t.throwsAsync(findGateway(unknown), { message: /lets the system choose the console's port/ });
});
