import { SandboxError } from "../../sandbox/index.ts";
import { shareSandbox } from "./shared-sandbox.ts";
import { bundlePolicy, show, startSandbox } from "./support.ts";
import { processTest, test } from "./transports.ts";

const useSandbox = shareSandbox();

test("a load error names the author's file and line, and shows it", async (t) => {
  const { sandbox } = await useSandbox();
  const source =
    "const limit: number = 3;\n\nconst table = undefined as any;\nexport const size = table.rows.length;\n";
  const error = await t.throwsAsync(sandbox.prepare(await bundlePolicy("broken", source)), {
    instanceOf: SandboxError,
  });
  t.is(error?.code, "ERR_POLICY_LOAD");
  t.is(
    error?.message,
    "Policy `broken` could not be loaded: its top level threw TypeError: Cannot read properties of undefined (reading 'rows') (broken.ts:4).",
  );
  t.regex(String(error?.frame), /^> 4 \| export const size = table\.rows\.length;\n\s+\| {21,27}\^$/m);
  t.regex(String(error?.stack), /^ {4}at broken\.ts:4:\d+$/m);
});

test("code that cannot be compiled is a load error with its place", async (t) => {
  const { sandbox } = await useSandbox();
  const code = "var __policy = {};\nlet a = 1;\nlet a = 2;";
  const bundle = { name: "syntax", file: "/policies/syntax.ts", version: "1", code, sourceMap: "" };
  const error = await t.throwsAsync(sandbox.prepare(bundle));
  t.is(
    error?.message,
    "Policy `syntax` could not be loaded: SyntaxError: Identifier 'a' has already been declared (/policies/syntax.ts:3).",
  );
});

test("exports are checked, and handed over", async (t) => {
  const { sandbox } = await useSandbox();
  const prepare = async (source: string) => sandbox.prepare(await bundlePolicy("exports", source));
  await t.throwsAsync(prepare("export const client = 5;"), {
    message: /expected the export `client` to be a function, got 5/,
  });
  await t.throwsAsync(prepare("export const route = { path: /x/ };"), {
    message: /expected `route\.path` to be plain data \(what JSON can hold\), got a RegExp/,
  });
  const prepared = await prepare(
    "export const route = { path: '/a' }; export const other = 1; export const close = () => {}; export function upgrade() {}",
  );
  const hooks = ["upgrade", "close"] as const;
  const exports = { version: prepared.version, hooks, route: { path: "/a" } };
  t.deepEqual(prepared.exports, exports);
  t.is(sandbox.exports("exports"), undefined);
  prepared.commit();
  t.deepEqual(sandbox.exports("exports"), exports);
});

test("`when` is checked, and handed over", async (t) => {
  const { sandbox } = await useSandbox();
  const prepare = async (source: string) =>
    sandbox.prepare(await bundlePolicy("filtered", `export const client = () => {}; ${source}`));
  await t.throwsAsync(prepare("export const when = { client: { json: { type: [] } } };"), {
    message:
      /`filtered` could not be loaded: expected `when\.client\.json\.type` to have 1 to 256 values, got 0 \(/,
  });
  await t.throwsAsync(prepare("export const when = { server: { opcode: 'text' } };"), {
    message: /`when\.server` says which messages the hook `server` is for, and there is no such export/,
  });
  await t.throwsAsync(prepare("export const when = { client: { includes: /a/ } };"), {
    message: /expected `when\.client\.includes` to be plain data/,
  });
  const { exports } = await prepare("export const when = { client: { minLength: 1024 } };");
  t.like(exports, { hooks: ["client"], when: { client: { minLength: 1024 } } });
});

test("a function that is nearly called as a hook is refused, and no other", async (t) => {
  const { sandbox } = await useSandbox();
  const prepare = async (source: string) => sandbox.prepare(await bundlePolicy("misspelt", source));
  const slips = {
    upgrad: "upgrade",
    upgradee: "upgrade",
    clinet: "client",
    Server: "server",
    closs: "close",
  };
  for (const [name, meant] of Object.entries(slips)) {
    const source = `export const client = () => {}; export const ${name} = () => {};`;
    await t.throwsAsync(prepare(source.replace("client", meant === "client" ? "server" : "client")), {
      message: new RegExp(["exports `", name, "`, which is no hook; did you mean `", meant, "`"].join("")),
    });
  }
  for (const name of ["clients2", "helper", "upgradeAll", "isClosed", "clear"]) {
    const source = `export const client = () => {}; export const ${name} = () => {}; export const clos = 1;`;
    await t.notThrowsAsync(prepare(source), name);
  }
});

test("a default export is an object of hooks: they count as those that are exported by name", async (t) => {
  const { sandbox } = await useSandbox();
  const prepare = async (source: string) => sandbox.prepare(await bundlePolicy("together", source));
  const { exports } = await prepare(
    "export default { client() {}, server: undefined, when: { client: { minLength: 9 } } }; export const upgrade = () => {};",
  );
  t.like(exports, { hooks: ["upgrade", "client"], when: { client: { minLength: 9 } } });
  const problems = {
    "export default { client() {} }; export const client = () => {};":
      /exports `client` twice, by name and in its default export/,
    "export default { clinet() {} };": /has `clinet` in its default export, which may have `upgrade`/,
    "export default () => {};": /expected the default export to be an object of hooks, got a function/,
    "export default { client: 1 };": /expected the export `client` to be a function, got 1/,
  };
  for (const [source, message] of Object.entries(problems)) await t.throwsAsync(prepare(source), { message });
});

test("a schema for options is handed over, and must be plain data", async (t) => {
  const { sandbox } = await useSandbox();
  const prepare = async (source: string) => sandbox.prepare(await bundlePolicy("schema", source));
  const { exports } = await prepare(
    "export const optionsSchema = { type: 'object' }; export const client = () => {};",
  );
  t.like(exports, { hooks: ["client"], optionsSchema: { type: "object" } });
  await t.throwsAsync(prepare("export const optionsSchema = { properties: { a: () => {} } };"), {
    message: /expected `optionsSchema\.properties\.a` to be plain data/,
  });
});

// It may abort the process that it is in.
processTest("a policy that eats its memory at load is refused, and others go on", async (t) => {
  const fixture = await startSandbox(t, { limits: { memoryLimitMb: 32 } });
  await fixture.use("fine", "export const client = () => ({ drop: true });");
  const error = await t.throwsAsync(
    fixture.use("hungry", "const all = []; for (;;) all.push(new Array(1000).fill(1));"),
  );
  t.regex(String(error?.message), /Policy `hungry` could not be loaded/);
  t.deepEqual(show(await fixture.seat("fine").client({})), { drop: true });
});

test("a failed load leaves the current version running", async (t) => {
  const fixture = await useSandbox();
  await fixture.use("steady", "export const client = () => ({ reply: ['one'] });");
  await t.throwsAsync(fixture.use("steady", "throw new Error('no');"));
  t.deepEqual(show(await fixture.seat("steady").client({})), { reply: ["one"] });
});

test("a removed policy, or one that never was, is unavailable", async (t) => {
  const fixture = await useSandbox();
  await fixture.use("here", "export const client = () => {};");
  const { client } = fixture.seat("here");
  t.is(show(await client({})), "unchanged");
  fixture.sandbox.remove("here");
  t.regex(String(show(await client({}))), /^unavailable/);
  t.is(fixture.sandbox.exports("here"), undefined);
  t.regex(String(show(await fixture.seat("nowhere").client({}))), /^unavailable/);
});

test("a discarded version is never current", async (t) => {
  const fixture = await useSandbox();
  await fixture.use("kept", "export const client = () => ({ reply: ['one'] });");
  const prepared = await fixture.sandbox.prepare(
    await bundlePolicy("kept", "export const client = () => {};"),
  );
  prepared.discard();
  prepared.commit();
  t.deepEqual(show(await fixture.seat("kept").client({})), { reply: ["one"] });
});
