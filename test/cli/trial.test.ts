import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { runCommand } from "./in-process.ts";

const hello = `
export const upgrade = ({ request }) =>
  request.query.user ? { attributes: { user: request.query.user } } : { reject: { status: 401, body: "who?" } };
export const client = async ({ content, log, kv, websock }) => {
  if (content.body === "boom") throw new Error("boom");
  if (content.body === "bye") return { close: { code: 1008, reason: "bye" }, reply: ["ok"] };
  log.info("seen " + content.body);
  return { content: { set: { n: await kv.increment("n"), user: websock.context.attributes.user }, remove: ["secret"] } };
};
export const server = async ({ content }) => {
  await fetch("https://example.com/x");
};`;

const limit = `
export const optionsSchema = { type: "object", properties: { most: { type: "number" } }, required: ["most"] };
export const client = ({ content, options, websock }) =>
  content.json().n > options.most ? { drop: true } : { append: [{ room: websock.context.request.params.room }] };`;

const config = {
  grants: { hello: { kv: true, fetch: { hosts: ["example.com"] } } },
  routes: [
    {
      path: "/chat/:room",
      upstream: "ws://127.0.0.1:1",
      policies: ["hello", { use: "limit", options: { most: 3 } }],
    },
  ],
};

const files = {
  "policies/hello.ts": hello,
  "policies/limit.ts": limit,
  "framegate.config.json": JSON.stringify(config),
};

/** Versions and times are others each time. */
const steady = (text: string) => text.replaceAll(/\d+(?:\.\d+)? ms/g, "N ms");

test("a hook on one message: what it did, the diff, the console lines, and what was not performed", async (t) => {
  const dir = await makeFolder(t, files);
  const ran = await runCommand(
    ["run", "hello", "--message", '{"text":"hi","secret":1}', "--attribute", "user=ann"],
    dir,
  );
  t.is(ran.stderr, "");
  t.is(
    steady(ran.stdout).replace(/hello {2}[\da-f]{8}/, "hello  VERSION"),
    `hello  VERSION  client  replaced  N ms

The server gets
  - secret: 1
  + n: 1
  + user: "ann"
  {"text":"hi","n":1,"user":"ann"}

Console
  hello info: seen {"text":"hi","secret":1}

Not performed
  hello: kv increment n: answered by a store that began empty

N ms in all, without the start of the sandbox
`,
  );
  t.is(ran.exitCode, 0);
});

test("a whole route: its options, its parameters, and what `upgrade` hooks set", async (t) => {
  const dir = await makeFolder(t, files);
  const args = [
    "--route",
    "/chat/:room",
    "--connect",
    "--url",
    "/chat/a?user=ann",
    "--message",
    "{}",
    "--json",
  ];
  const { stdout, exitCode } = await runCommand(["run", ...args], dir);
  const { steps, result } = JSON.parse(stdout);
  t.deepEqual(
    steps.map(({ policy, hook, action }: Record<string, string>) => [policy, hook, action]),
    [
      ["hello", "upgrade", "replaced"],
      ["hello", "client", "replaced"],
      ["limit", "client", "appended"],
    ],
  );
  t.deepEqual(result, {
    ...{ message: { json: { n: 1, user: "ann" } }, close: null },
    ...{ toClient: [], toServer: [{ json: { room: "a" } }] },
    ...{ attributes: { user: "ann" } },
  });
  t.is(exitCode, 0);
  const dropped = await runCommand(["run", "limit", "--route", "/chat/:room", "-m", '{"n":5}'], dir);
  t.regex(dropped.stdout, /limit .* dropped .*\n\nThe server gets\n {2}nothing/);
});

test("a fault is exit code 1, with the author's line; a refusal, a close and bytes are not", async (t) => {
  const dir = await makeFolder(t, { ...files, "body.bin": "bye" });
  const failed = await runCommand(["run", "hello", "--message", "boom"], dir);
  t.is(failed.exitCode, 1);
  t.regex(failed.stdout, /failed .*boom\n {4}at client \(.*hello\.ts:5:\d+\)/);
  const refused = await runCommand(["run", "hello", "--hook", "upgrade"], dir);
  t.is(refused.exitCode, 0);
  t.regex(refused.stdout, /rejected .*401\n\nThe client gets\n {2}401/);
  const closed = await runCommand(["run", "hello", "--file", "body.bin"], dir);
  t.is(closed.exitCode, 0);
  t.regex(closed.stdout, /To the client\n {2}ok\n\nClosed\n {2}1008 bye/);
  const bytes = await runCommand(
    ["run", "policies/limit.ts", "--options", '{"most":1}', "--binary", "AAEC"],
    dir,
  );
  t.is(bytes.exitCode, 1);
  const fetched = await runCommand(["run", "hello", "--hook", "server", "--message", "x"], dir);
  t.regex(
    fetched.stdout,
    /Not performed\n {2}hello: fetch GET https:\/\/example.com\/x: a run outside of traffic asks nobody/,
  );
});

test("what is misspelt, missing or does not fit is told with the next step", async (t) => {
  const dir = await makeFolder(t, files);
  const says = async (args: readonly string[], code: number, words: string) => {
    const { exitCode, stderr } = await runCommand(["run", ...args], dir);
    t.is(stderr.trim().replace(/ See `framegate --help`\.$/, ""), `framegate: ${words}`);
    t.is(exitCode, code);
  };
  await says(
    ["helo", "-m", "x"],
    1,
    'There is no policy "helo"; did you mean "hello"? there are hello, limit.',
  );
  await says(
    ["jwt", "-m", "x"],
    1,
    'There is no policy "jwt"; did you mean "@framegate/standard/jwt"? there are hello, limit.',
  );
  await says(
    ["--route", "/chat/:rom", "-m", "x"],
    2,
    '--route: no route "/chat/:rom"; did you mean "/chat/:room"? framegate.config.json has /chat/:room.',
  );
  await says(
    ["hello", "--hook", "clinet", "-m", "x"],
    2,
    'Expected --hook to be one of upgrade, unavailable, client, server, tick, renew, close, got "clinet". Did you mean client?',
  );
  await says(
    ["hello", "--hook", "tick"],
    2,
    '--hook: the policy "hello" has no `tick` hook; it has: upgrade, client, server.',
  );
  await says(
    ["hello", "--hook", "client"],
    2,
    "The `client` hook is for a message: give one with --message, --binary or --file.",
  );
  await says(
    ["hello", "-m", "x", "--file", "y"],
    2,
    "Expected one message, got --message and --file: leave out one.",
  );
  const { exitCode, stderr } = await runCommand(["run", "limit", "-m", "{}"], dir);
  t.is(exitCode, 1);
  t.regex(
    stderr,
    /^framegate: The options of limit: .*most.*--options, or name a route that has them with --route\.\n$/,
  );
});

test("--set stands in place of what the config says", async (t) => {
  const dir = await makeFolder(t, files);
  const args = [
    "run",
    "limit",
    "--route",
    "/chat/:room",
    "--url",
    "/chat/a",
    "--message",
    '{"n":3}',
    "--json",
  ];
  const setting = ["--set", "routes.0.policies.1.options.most=2"];
  t.notRegex((await runCommand(args, dir)).stdout, /"dropped"/);
  t.regex((await runCommand([...args, ...setting], dir)).stdout, /"dropped"/);
});
