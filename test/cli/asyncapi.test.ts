import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import test from "ava";
import { WebSocket, WebSocketServer } from "ws";
import { findPolicies } from "../../policies/folder.ts";
import { checkTypes } from "../../policies/type-check.ts";
import { makeFolder } from "../config/folder.ts";
import { codeBlocks, readDocument } from "../docs/documents.ts";
import { eventually } from "../support/eventually.ts";
import { linkTesting } from "../support/linked-testing.ts";
import { runCommand } from "./in-process.ts";
import { runCli, startCli } from "./process.ts";

const page = await readDocument("docs/asyncapi.md");
const [chat = ""] = codeBlocks(page, "yaml");
const [ownPolicy = ""] = codeBlocks(page, "ts").filter((code) => code.includes("_chat.types.ts"));
const [firstRun = "", nextRun = ""] = codeBlocks(page, "console");

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
