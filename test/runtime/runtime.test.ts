import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import {
  type ConnectionOptions,
  createRuntime,
  type PolicyLoadOptions,
  type PolicyRuntime,
  type RuntimeOptions,
} from "../../runtime/index.ts";
import { makeFolder } from "../config/folder.ts";

const counting = (mark: string) => `
export const optionsSchema = { type: "object", properties: { limit: { type: "number", default: 3 } } };
export const upgrade = ({ request }) =>
  request.query.token === "good" ? { attributes: { user: "ann" } } : { reject: { status: 401 } };
export const client = ({ content, session, options, websock }) => {
  session.count = (session.count ?? 0) + 1;
  if (session.count > options.limit) return { close: { code: 4000, reason: "enough" } };
  return { content: { body: websock.context.attributes.user + session.count + "${mark}" + content.body } };
};`;
const asking = `
export const client = async ({ secrets, kv, log }) => {
  log.info("asked");
  return { drop: true, reply: [await secrets.get("KEY") + await kv.increment("n")] };
};`;
const hanging = `export const client = ({ content }) => { if (content.body === "hang") for (;;); };`;

const logs: string[] = [];
let runtime: PolicyRuntime;
test.before(async () => {
  runtime = await createRuntime({
    standby: false,
    limits: { messageTimeoutMs: 500, upgradeTimeoutMs: 1000 },
    host: { os: "off", silenceMs: 5000 },
    grants: { asking: { kv: {}, secrets: ["KEY"] } },
    secrets: { KEY: "s" },
    onLog: ({ policy, text }) => logs.push(`${policy}: ${text}`),
  });
});
test.after.always(() => runtime.close());

test("a connection is one over its calls, through new versions, until it is over", async (t) => {
  const dir = await makeFolder(t, { "counting.ts": counting("-") });
  const file = join(dir, "counting.ts");
  const policy = await runtime.load(file);
  t.deepEqual([policy.name, policy.hooks], ["counting", ["upgrade", "client"]]);
  t.is((await policy.connection().upgrade()).status, 401);
  const connection = policy.connection();
  t.like(await connection.upgrade({ url: "/?token=good" }), { accepted: true, attributes: { user: "ann" } });
  t.is((await connection.client("a")).body, "ann1-a");

  const first = policy.version;
  t.false(await policy.reload());
  await writeFile(file, "export const client = 1;");
  await t.throwsAsync(policy.reload(), { name: "SandboxError", message: /client/ });
  t.is(policy.version, first);
  t.is((await connection.client("b")).body, "ann2-b");
  await writeFile(file, counting("+"));
  t.true(await policy.reload());
  t.not(policy.version, first);
  t.is((await connection.client("c")).body, "ann3+c");
  t.deepEqual((await connection.client("d")).close, { code: 4000, reason: "enough" });

  connection.dispose();
  await t.throwsAsync(connection.client("e"), { message: /over/ });
  const open = policy.connection();
  policy.unload();
  await t.throwsAsync(open.client("f"), { name: "PolicyError" });
});

test("what is granted is there, what is not says so, and what is logged is told", async (t) => {
  const dir = await makeFolder(t, { "asking.ts": asking, "other.ts": asking });
  const policy = await runtime.load(join(dir, "asking.ts"));
  const results = [await policy.connection().client("x"), await policy.connection().client("x")];
  t.deepEqual(
    results.map(({ replies }) => replies),
    [["s1"], ["s2"]],
  );
  t.true(logs.includes("asking: asked"));
  const other = await runtime.load(join(dir, "other.ts"));
  await t.throwsAsync(other.connection().client("x"), { message: /not granted/ });
});

test("a policy that hangs is a fault of its call, and others go on", async (t) => {
  const dir = await makeFolder(t, { "hanging.ts": hanging, "patient.ts": hanging });
  const policy = await runtime.load(join(dir, "hanging.ts"));
  const patient = await runtime.load(join(dir, "patient.ts"));
  const connection = policy.connection();
  const [hung, went] = await Promise.allSettled([
    connection.client("hang"),
    patient.connection().client("go"),
  ]);
  t.like(hung, { status: "rejected", reason: { name: "PolicyError", reason: "timeout", policy: "hanging" } });
  t.regex((hung as PromiseRejectedResult).reason.message, /more than 500 ms \(`limits\.messageTimeoutMs`\)/);
  t.like(went, { status: "fulfilled", value: { body: "go" } });
  t.is((await connection.client("again")).body, "again");
});

test("one name is one policy: it is loaded once, and free after a load that failed", async (t) => {
  const dir = await makeFolder(t, { "twice.ts": "export const client = 1;" });
  const file = join(dir, "twice.ts");
  await t.throwsAsync(runtime.load(file), { name: "SandboxError" });
  await writeFile(file, counting(""));
  await t.throwsAsync(runtime.load(file, { options: { limit: "many" } }), { message: /twice.*limit/s });
  const policy = await runtime.load(file, { options: { limit: 1 } });
  await t.throwsAsync(runtime.load(file), { message: /"twice" is loaded already: `reload` it/ });
  policy.unload();
  const next = await runtime.load(file);
  policy.unload();
  t.throws(() => policy.connection(), { message: /"twice" was unloaded: `load` it again/ });
  await t.throwsAsync(policy.reload(), { message: /was unloaded/ });
  t.true((await next.connection().upgrade({ url: "/?token=good" })).accepted);
  await t.throwsAsync(runtime.load(file), { message: /is loaded already/ });

  await writeFile(file, counting("+"));
  const reloaded = next.reload();
  next.unload();
  await t.throwsAsync(reloaded, { message: /was unloaded/ });
  const last = await runtime.load(file);
  t.true((await last.connection().upgrade({ url: "/?token=good" })).accepted);
});

test("after the close of a runtime its process is gone, and calls are faults", async (t) => {
  const dir = await makeFolder(t, { "late.ts": hanging });
  const own = await createRuntime({ standby: false, host: { os: "off" } });
  const policy = await own.load(join(dir, "late.ts"));
  const connection = policy.connection();
  t.is((await connection.client("x")).body, "x");
  await own.close();
  await t.throwsAsync(connection.client("x"));
});

test("options of a load and of a connection that are none are refused too, and a load's limits have the runtime's names", async (t) => {
  const dir = await makeFolder(t, { "lone.ts": counting(""), "slow.ts": "for (;;);" });
  const file = join(dir, "lone.ts");
  const misspelt = { option: {}, contentType: 5, policies: ["a"] } as unknown as PolicyLoadOptions;
  const error = await t.throwsAsync(runtime.load(file, misspelt));
  t.deepEqual(linesOf(error).sort(), [
    "contentType: expected text, got 5",
    "option: unknown option; did you mean `options`?",
    'policies: expected the path or the file URL of a folder, got ["a"]',
  ]);
  const policy = await runtime.load(file, { policies: new URL(`file://${dir}`) });
  const wrong = {
    atributes: {},
    expires: "1h",
    request: { header: {}, client: { ip: "203.0.113.9" } },
  } as unknown as ConnectionOptions;
  const refused = t.throws(() => policy.connection(wrong));
  t.regex(refused.message, /^connection: the options have problems:$/m);
  t.deepEqual(linesOf(refused).sort(), [
    "atributes: unknown option; did you mean `attributes`?",
    'expires: expected milliseconds since 1970, got "1h"',
    "request.client.ip: unknown option; known here: address, port, tls, certificate",
    "request.header: unknown option; did you mean `headers`?",
  ]);
  policy.unload();
  await t.throwsAsync(runtime.load(join(dir, "slow.ts")), {
    name: "SandboxError",
    code: "ERR_POLICY_LOAD",
    message: /ran for more than \d+ ms \(`limits\.loadTimeoutMs`\)/,
  });
});

const linesOf = (error: Error) =>
  error.message
    .split("\n")
    .slice(1)
    .map((line) => line.trim());

test("options that are none are refused, each by its name", async (t) => {
  const options: unknown = {
    limit: {},
    limits: { messageTimeout: "5ms", upgradeTimeoutMs: "5ms", loadTimeoutMs: -1 },
    host: { foo: 1, os: "on" },
    grants: { moderate: { kvv: {}, secrets: ["NO"] } },
    onLog: 1,
  };
  const error = await t.throwsAsync(createRuntime(options as RuntimeOptions));
  t.deepEqual(linesOf(error).sort(), [
    "grants.moderate.kvv: unknown option; did you mean `kv`?",
    "host.foo: unknown option; known here: heartbeatMs, silenceMs, maxRssBytes, quarantineMs, os",
    'host.os: expected "auto", "require" or "off", got "on"',
    "limit: unknown option; did you mean `limits`?",
    "limits.loadTimeoutMs: expected a number, at least 1, got -1",
    "limits.messageTimeout: unknown option; did you mean `messageTimeoutMs`?",
    'limits.upgradeTimeoutMs: expected a number, got "5ms"',
    "onLog: expected a function, got 1",
  ]);
  const secrets = { grants: { moderate: { secrets: ["NO"] } } };
  await t.throwsAsync(createRuntime(secrets), {
    message: /grants\.moderate\.secrets\.0: .*\(none\), got "NO"/,
  });
});
