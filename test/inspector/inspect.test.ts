import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { pathToFileURL } from "node:url";
import test from "ava";
import { openDevTools } from "../support/devtools.ts";
import { eventually } from "../support/eventually.ts";
import { inspected, LINE, startInspected, startInspectedProcess } from "./inspected.ts";

test("a breakpoint in a .ts line is hit; others go on; resumed, the message arrives", async (t) => {
  const { connect, debug, file } = await startInspected(t);
  const devtools = await openDevTools(t, debug);
  await devtools.ask("Runtime.enable");
  await devtools.ask("Debugger.enable");
  await devtools.breakAt("inspected.ts", LINE);

  const client = await connect("/inspected");
  client.send('{"text":"hi"}');
  const paused = await devtools.event("Debugger.paused");
  t.deepEqual(devtools.placeOf(paused), { file: pathToFileURL(file).href, line: LINE });

  const frame = (paused.callFrames as { callFrameId: string }[])[0]!;
  const { result } = await devtools.ask("Debugger.evaluateOnCallFrame", {
    callFrameId: frame.callFrameId,
    expression: "text",
  });
  t.like(result, { value: "hi" });

  // Longer than every limit of a policy or its host: only of the others'.
  const other = await connect("/other");
  const until = Date.now() + 1500;
  for (let count = 0; Date.now() < until; count++) {
    other.send(JSON.stringify({ count }));
    t.deepEqual(JSON.parse(String(await other.next())), { other: { count } });
  }
  client.send('{"text":"second"}');
  const later = await connect("/inspected");

  await devtools.ask("Debugger.resume");
  t.is(String(await client.next()), '{"greeting":"HI"}');
  await devtools.event("Debugger.paused");
  await devtools.ask("Debugger.resume");
  t.is(String(await client.next()), '{"greeting":"SECOND"}');

  devtools.close();
  later.send('{"text":"third"}');
  t.is(String(await later.next()), '{"greeting":"THIRD"}');
});

test("a breakpoint stays when the policy is saved, also while it is paused", async (t) => {
  const { connect, debug, gateway } = await startInspected(t);
  const devtools = await openDevTools(t, debug);
  await devtools.ask("Debugger.enable");
  await devtools.breakAt("inspected.ts", LINE);
  const client = await connect("/inspected");
  client.send('{"text":"hi"}');
  await devtools.event("Debugger.paused");

  await gateway.write("inspected.ts", inspected.replace("toUpperCase()", "toLowerCase()"));
  await devtools.event("Debugger.resumed");
  t.is(String(await client.next()), '{"greeting":"HI"}');

  // Until the new version is in use the old one answers, at once.
  const pausing = devtools.event("Debugger.paused");
  for (;;) {
    client.send('{"text":"Again"}');
    const answering = client.next();
    const paused = await Promise.race([pausing, answering.then(() => undefined)]);
    if (paused === undefined) continue;
    t.is(devtools.placeOf(paused).line, LINE);
    await devtools.ask("Debugger.resume");
    t.is(String(await answering), '{"greeting":"again"}');
    break;
  }
});

test("an error of an inspected policy, and its log, are as always", async (t) => {
  const { gateway, connect } = await startInspected(
    t,
    `export const client = ({ content, log }) => {\n  log.info("seen", content.body);\n  throw new RangeError("no");\n};`,
  );
  const client = await connect("/inspected");
  client.send("x");
  t.is((await client.closed).code, 1011);
  const says = (text: string) => gateway.logged((record) => JSON.stringify(record).includes(text));
  t.truthy(await says("seen x"));
  t.truthy(await says("inspected.ts:3:9"));
});

test("what an inspected policy asks for it gets: timers, kv and crypto", async (t) => {
  const { connect } = await startInspected(
    t,
    `export const client = async ({ content, kv }) => {
       const count = await kv.increment("count");
       await new Promise((resolve) => setTimeout(resolve, 5));
       const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(content.body));
       const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
       const signature = await crypto.subtle.sign("HMAC", key, new Uint8Array(4));
       return { content: { body: [count, hash.byteLength, signature.byteLength] } };
     };`,
  );
  const client = await connect("/inspected");
  client.send("x");
  client.send("x");
  t.is(String(await client.next()), "[1,32,32]");
  t.is(String(await client.next()), "[2,32,32]");
});

test("a gateway that is killed leaves no paused host behind", async (t) => {
  const { running, connect, debug } = await startInspectedProcess(t);
  const devtools = await openDevTools(t, debug);
  await devtools.ask("Debugger.enable");
  await devtools.breakAt("inspected.ts", LINE);
  const client = await connect("/inspected");
  client.send('{"text":"hi"}');
  await devtools.event("Debugger.paused");
  const { pid } = running.process;
  const hosts = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  t.true(hosts.length >= 2);
  running.process.kill("SIGKILL");
  await running.ended;
  const isThere = (host: string) => existsSync(`/proc/${host}`);
  t.true(await eventually("no host is left", () => !hosts.some(isThere)));
});

test("the endpoint: lists the policy for loopback names only, and takes no web page and no guess", async (t) => {
  const { debug, file } = await startInspected(t);
  const { port, pathname } = new URL(debug);
  const get = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, headers }, (response) => {
        let body = "";
        response.on("data", (chunk) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode!, body }));
      });
      asked.on("upgrade", (_, socket) => {
        socket.destroy();
        resolve({ status: 101, body: "" });
      });
      asked.on("error", reject);
      asked.end();
    });
  const list = await get("/json/list", { Host: "localhost:9229" });
  t.like(JSON.parse(list.body)[0], { webSocketDebuggerUrl: debug, url: pathToFileURL(file).href });
  t.is((await get("/json/version")).status, 200);
  t.is((await get("/json/list", { Host: "evil.example" })).status, 403);
  t.is((await get("/")).status, 404);

  const handshake = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  t.is((await get(pathname, handshake)).status, 101);
  t.is((await get(pathname, { ...handshake, Origin: "devtools://devtools" })).status, 101);
  t.is((await get(pathname, { ...handshake, Origin: "http://localhost:3000" })).status, 403);
  t.is((await get(pathname, { ...handshake, Host: "evil.example" })).status, 403);
  t.is((await get("/guess", handshake)).status, 403);
});
