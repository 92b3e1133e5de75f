import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { registerHooks } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import test from "ava";
import { WebSocket, WebSocketServer } from "ws";
import { findPolicies } from "../../policies/folder.ts";
import { checkTypes } from "../../policies/type-check.ts";
import { loadPolicy } from "../../testing/index.ts";
import { makeFolder } from "../config/folder.ts";
import { codeBlocks, readDocument, root } from "../docs/documents.ts";
import { closeLine, messageLine, recordingOf, upgradeLine } from "../recording/lines.ts";
import { eventually } from "../support/eventually.ts";
import { linkTesting } from "../support/linked-testing.ts";
import { runCommand } from "./in-process.ts";
import { runCli, startCli } from "./process.ts";

const page = await readDocument("docs/asyncapi.md");
const [chat = ""] = codeBlocks(page, "yaml");
const [ownPolicy = ""] = codeBlocks(page, "ts").filter((code) => code.includes("_chat.types.ts"));
const [firstRun = "", nextRun = "", inferred = ""] = codeBlocks(page, "console");

test("a document becomes a policy with tests that pass, which refuses at a gateway what does not fit; a changed one says what changed", async (t) => {
  const dir = await makeFolder(t, { "chat.yaml": chat, "package.json": '{ "type": "module" }' });
  const made = await runCommand(["asyncapi", "chat.yaml"], dir);
  t.is(made.stderr, "");
  t.is(`$ framegate asyncapi chat.yaml\n${made.stdout}$ framegate test\n`, firstRun);
  await writeFile(join(dir, "policies/own.ts"), ownPolicy);
  const policies = join(dir, "policies");
  t.deepEqual(await checkTypes(policies, await findPolicies(policies)), []);

  await linkTesting(dir);
  const tested = await runCli(t, ["test"], dir);
  t.regex(tested.stdout, /the client's say without type is refused[\s\S]*pass 8\n.*fail 0/);

  const server = new WebSocketServer({ port: 0 });
  t.teardown(() => server.close());
  server.on("connection", (socket) => {
    socket.on("message", (body) => {
      const { text } = JSON.parse(String(body));
      socket.send(JSON.stringify({ type: "said", from: { name: "ann" }, ...(text !== "" && { text }) }));
    });
  });
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const routes = [{ path: "/chat/:room", upstream, policies: ["chat", "own"] }];
  await writeFile(join(dir, "framegate.config.json"), JSON.stringify({ policies: "./policies", routes }));
  const ports = ["--port", "0", "--console-port", "0", "--workers", "0"];
  const gateway = startCli(t, ["dev", ...ports], dir);
  const [, url] = await gateway.output(/Connect +(ws:\/\/[^/\s]+)/);
  for (const path of ["/chat/general", "/chat/secret?name=ann"]) t.is(await statusOf(`${url}${path}`), 400);
  const connect = async () => {
    const socket = new WebSocket(`${url}/chat/general?name=ann`);
    t.teardown(() => socket.terminate());
    await once(socket, "open");
    return socket;
  };
  const answerTo = async (message: object) => {
    const socket = await connect();
    socket.send(JSON.stringify(message));
    const onEnd = once(socket, "close").then(([code, reason]) => `${code} ${reason}`);
    return Promise.race([once(socket, "message").then(([body]) => String(body)), onEnd]);
  };
  t.is(await answerTo({ type: "say", text: "hi" }), '{"type":"said","from":{"name":"ann"},"text":"hi"}');
  t.is(await answerTo({ type: "say" }), "1008 the message is no say");
  t.is(await answerTo({ type: "shout" }), "1008 the message is none of the description's");
  // The server's fault.
  t.is(await answerTo({ type: "say", text: "" }), "1008 the message is no said");

  await writeFile(join(dir, "chat.yaml"), changeChat(chat));
  const checked = await runCommand(["asyncapi", "chat.yaml", "--check"], dir);
  t.regex(checked.stdout, /\nwould write .*_chat\.json.*\nunchanged: .*chat\.ts\n$/);
  t.is(checked.exitCode, 1);
  const changed = await runCommand(["asyncapi", "chat.yaml"], dir);
  t.is(`$ framegate asyncapi chat.yaml\n${changed.stdout}`, nextRun);
  await eventually("the changed description is live", async () =>
    (await answerTo({ type: "say", text: "hi" })).startsWith("1008"),
  );
  gateway.process.kill("SIGTERM");
  t.is((await gateway.ended).exitCode, 0);
  const again = await runCommand(["asyncapi", "chat.yaml", "--check"], dir);
  t.regex(again.stdout, /\nnothing has changed since the last run\nunchanged: [^\n]*\n$/);
  t.is(again.exitCode, 0);
});

const monday = recordingOf(
  upgradeLine({ route: "/chat/:room", url: "/chat/general?name=ann" }),
  ...Array.from({ length: 30 }, (_, index) => [
    messageLine({
      body: { text: JSON.stringify({ type: "say", text: `${index}`, ...(index === 3 && { to: "bob" }) }) },
    }),
    messageLine({ origin: "server", body: { text: JSON.stringify({ type: "said", text: `${index}` }) } }),
  ]).flat(),
  messageLine({ body: { text: '{"type":"leave"}' } }),
  closeLine(),
);

test("a recording becomes a document, and that a policy which lets the recording pass; a JSON Schema fits json-schema", async (t) => {
  const dir = await makeFolder(t, { "monday.ndjson": monday });
  const infer = (...args: string[]) => runCommand(["infer", "monday.ndjson", ...args], dir);
  const made = await infer("--asyncapi");
  t.is(`$ framegate infer monday.ndjson --asyncapi\n${made.stdout}`, inferred);
  t.is((await runCommand(["asyncapi", "monday.asyncapi.yaml"], dir)).exitCode, 0);
  const replayed = await runCommand(["replay", "monday.ndjson"], dir);
  t.is(replayed.stdout, "monday.ndjson: 1 session, 61 messages replayed\nno new difference\n");
  await writeFile(join(dir, "other.ndjson"), monday.replace('\\"say\\"', '\\"shout\\"'));
  t.regex((await runCommand(["replay", "other.ndjson"], dir)).stdout, /policy monday, hook client: close/);

  const refused = (outcome: "dropped" | "closed") =>
    messageLine({
      body: { text: '{"type":"hack"}' },
      result: {
        outcome,
        replies: [],
        appended: [],
        steps: [{ policy: "little", version: "1", action: outcome }],
      },
    });
  const lines = [refused("dropped"), refused("closed")].map((line) => `${JSON.stringify(line)}\n`).join("");
  await writeFile(join(dir, "refused.ndjson"), monday.replace(/(?=\{"type":"close")/, lines));
  const without = await runCommand(["infer", "refused.ndjson", "--out", "without"], dir);
  t.is(without.stderr, "");
  t.regex(
    without.stdout,
    /\n {2}leave: 1\n[\s\S]*\nleft out, for they were refused: 2 messages, by little \(--with/,
  );
  t.notRegex(without.stdout, /hack/);
  const all = await runCommand(["infer", "refused.ndjson", "--with-refused", "--out", "with"], dir);
  t.regex(all.stdout, /\n {2}hack: 2\n/);
  t.notRegex(all.stdout, /left out/);
  for (const [command, advice] of [
    ["infer", "`framegate record` makes one"],
    ["asyncapi", "name an AsyncAPI document"],
  ] as const) {
    const { stderr, exitCode } = await runCommand([command, "litle.yaml"], dir);
    t.deepEqual([stderr, exitCode], [`framegate: There is no file litle.yaml: ${advice}.\n`, 1]);
  }

  const again = await infer("--asyncapi");
  t.regex(again.stderr, /monday\.asyncapi\.yaml is there already: name another with --out/);
  t.is((await infer("--out", "schemas")).exitCode, 0);
  const schema = await readFile(join(dir, "schemas/monday.client.schema.json"), "utf8");
  const policy = await loadPolicy("@framegate/standard/json-schema", {
    options: { client: JSON.parse(schema) },
  });
  t.false((await policy.client({ type: "say", text: "hi" })).isDropped);
  t.true((await policy.client({ type: "say" })).isDropped);
});

test("what a client calls its messages and members, and an author a document, breaks no document and no terminal", async (t) => {
  const lines = ["__proto__", "constructor", "a"].flatMap((type) =>
    Array.from({ length: 3 }, () =>
      messageLine({
        body: { text: `{"type":"${type}","__proto__":1,"in":[{"$ref":"#/x","b":1}],"a\\u001b[31m":null}` },
      }),
    ),
  );
  const dir = await makeFolder(t, { "odd.ndjson": recordingOf(upgradeLine(), ...lines, closeLine()) });
  const made = await runCommand(["infer", "odd.ndjson", "--asyncapi"], dir);
  t.is(made.stderr, "");
  t.regex(made.stdout, /\n {2}proto: 3\n[\s\S]*\n {2}constructor: 3\n/);
  t.regex(made.stdout, /not sure: \/__proto__ cannot be said in AsyncAPI, and is left out\n/);
  t.regex(made.stdout, /not sure: \/in\/\*\/\$ref cannot be said in AsyncAPI, and is left out\n/);
  t.true(made.stdout.includes("/a\\u001b[31m has always been null"), made.stdout);
  const document = join(dir, "odd.asyncapi.yaml");
  const text = await readFile(document, "utf8");
  await writeFile(document, text.replace(/title: .*/, 'title: "\\e[2J"'));
  const { stdout, stderr } = await runCommand(["asyncapi", "odd.asyncapi.yaml"], dir);
  t.is(stderr, "");
  t.true(stdout.startsWith("\\u001b[2J: { path"), stdout);
  t.regex(stdout, /\nclient: proto, constructor, a \(told apart by `type`\)\n/);
  const replayed = await runCommand(["replay", "odd.ndjson"], dir);
  t.regex(replayed.stdout, /9 messages replayed\nno new difference\n$/);
});

test("what was edited by hand is kept, unless nothing else would be written, or it may be replaced; what is another's is let be", async (t) => {
  const dir = await makeFolder(t, { "chat.yaml": chat, "policies/other.ts": "export {};" });
  const run = (...args: string[]) => runCommand(["asyncapi", "chat.yaml", ...args], dir);
  await run();
  const edit = async (name: string) => {
    const file = join(dir, "policies", name);
    await writeFile(file, `${await readFile(file, "utf8")}// by hand\n`);
    return () => readFile(file, "utf8");
  };
  const policy = await edit("chat.ts");
  const types = await edit("_chat.types.ts");
  t.regex(
    (await run()).stdout,
    /\nunchanged: policies\/_chat\.json, policies\/chat\.ts, policies\/_chat\.types\.ts, /,
  );
  await writeFile(join(dir, "chat.yaml"), changeChat(chat));
  const changed = await run();
  t.regex(changed.stdout, /\nwrote policies\/_chat\.json, policies\/chat\.test\.ts\n/);
  t.regex(
    changed.stdout,
    /\nkept, for it was edited by hand \(--write replaces it\): policies\/_chat\.types\.ts\n/,
  );
  t.regex(await types(), /by hand/);
  t.regex((await run("--write")).stdout, /\nwrote policies\/_chat\.types\.ts\n$/);
  t.notRegex(await types(), /by hand/);
  t.regex(await policy(), /by hand/);
  const foreign = await run("--name", "other", "--write");
  t.regex(
    foreign.stderr,
    /policies\/other\.ts is there already, and was not made by this command: choose another --name/,
  );
  t.is(await readFile(join(dir, "policies/other.ts"), "utf8"), "export {};");
  t.regex((await run("--name", "../x")).stderr, /Expected --name to be letters/);
});

test("a request for a connection: numbers and booleans are read from its texts, a parameter that comes twice is a list", async (t) => {
  const object = (properties: object, ...required: string[]) => ({ type: "object", properties, required });
  const handshake = {
    query: object({
      page: { type: "integer" },
      live: { type: "boolean" },
      tags: { type: "array", maxItems: 2 },
    }),
    headers: object({ "x-key": { minLength: 3 } }, "x-key"),
  };
  const description = { handshake, client: { messages: {} }, server: { messages: {} } };
  const dir = await makeFolder(t, {
    "h.ts": `import { checkMessages } from "framegate/messages";
export const { upgrade } = checkMessages(${JSON.stringify(description)});`,
  });
  const policy = await loadPolicy(join(dir, "h.ts"));
  const statusFor = async (query: string, key = "abc") =>
    (await policy.upgrade({ url: `/?${query}`, headers: { "X-Key": key } })).status;
  for (const query of ["", "page=2&live=true", "live=false&other=x", "tags=a", "tags=a&tags=b"])
    t.is(await statusFor(query), 101, query);
  for (const query of ["page=two", "page=1.5", "page=", "page=1&page=2", "live=yes", "tags=a&tags=b&tags=c"])
    t.is(await statusFor(query), 400, query);
  t.is(await statusFor("", "ab"), 400);
  const { body } = await policy.upgrade({ url: "/?page=two", headers: { "X-KEY": "abc" } });
  t.is(body, 'the request does not fit: query: /page Instance type "string" is invalid. Expected "integer".');
});

test.serial("without the parser: the line that installs it", async (t) => {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      return next(specifier === "@asyncapi/parser" ? "@asyncapi/not-installed" : specifier, context);
    },
  });
  t.teardown(() => hooks.deregister());
  const dir = await makeFolder(t, { "chat.yaml": chat });
  const { stderr, exitCode } = await runCommand(["asyncapi", "chat.yaml"], dir);
  const { devDependencies } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  t.regex(stderr, /which is not installed\. Install it where framegate is/);
  t.true(stderr.includes(`npm install --save-dev @asyncapi/parser@${devDependencies["@asyncapi/parser"]}\n`));
  t.true(page.includes(`npm install --save-dev @asyncapi/parser@${devDependencies["@asyncapi/parser"]}\n`));
  t.is(exitCode, 1);
});

/** One thing more that is required, one that is gone, one that is new. */
function changeChat(text: string): string {
  return text
    .replace("required: [type, text]\n", "required: [type, text, id]\n")
    .replace("maxLength: 500", "maxLength: 1000")
    .replace(/ {6}leave:[\s\S]*?(?= {6}said:)/, "")
    .replace(/ *- [^\n]*messages\/leave" \}\n/, "")
    .replace("properties: { name: { type: string } }", 'properties: { name: { type: [string, "null"] } }');
}

async function statusOf(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url).on("error", () => {});
  const [, answer] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  return answer.statusCode;
}
