import test from "ava";
import { askUntil, startPolicies } from "../../support/policies.ts";

const mark = (text: string) =>
  `export const client = ({ content }) => ({ content: { body: content.body + " ${text}" } });\n`;

/** What can be wrong with a file, the line that is to blame, and what the log says. */
const broken: Readonly<Record<string, readonly [source: string, line: number, says: RegExp]>> = {
  "a syntax error": [`${mark("x")}\nexport const server = ({ content ) => 1;\n`, 3, /Expected/],
  "an import that is not there": ['import "./nowhere.ts";\n', 1, /Could not resolve "\.\/nowhere\.ts"/],
  "a package that is not installed": ['\nimport "no-such-package";\n', 2, /no-such-package.*Install/],
  "a Node module": [
    'import { readFileSync } from "node:fs";\nreadFileSync("/etc/passwd");\n',
    1,
    /node:fs.*cannot read files/,
  ],
  "a throw at load": [
    `${mark("x")}\nconst limits: number[] = [];\nthrow new Error("no limits: " + limits.length);\n`,
    4,
    /Error: no limits: 0/,
  ],
  "a loop at load": [
    "export const client = () => {};\nfor (;;);\n",
    0,
    /ran for more than 300 ms \(`sandbox\.loadTimeout`\)/,
  ],
  "a hook that is no function": ["export const client = 7;\n", 0, /`client` to be a function, got 7/],
  "no hook at all": ["export const helper = () => {};\n", 0, /none of the hooks/],
  "a hook misspelt": ["export const clinet = () => {};\n", 0, /did you mean `client`/],
  "an await at the top": [
    "await null;\nexport const client = () => {};\n",
    1,
    /cannot `await` at its top level/,
  ],
};

for (const [name, [source, line, says]] of Object.entries(broken)) {
  test(`${name}: the last good version keeps running, log and metrics say so, and a mended one is live`, async (t) => {
    const { connect, gateway } = await startPolicies(
      t,
      { "mark.ts": mark("v1") },
      { config: { console: { port: 0, token: false }, sandbox: { warmSpare: false, loadTimeout: "300ms" } } },
    );
    const client = await connect();
    const problems = async (): Promise<string | undefined> => {
      const response = await fetch(`http://127.0.0.1:${gateway.gateway.addresses.console?.port}/metrics`);
      return /^framegate_policy_problems (\d+)$/m.exec(await response.text())?.[1];
    };
    t.is(await problems(), "0");

    await gateway.write("mark.ts", source);
    const record = await gateway.logged(({ level, policy }) => level === "error" && policy === "mark");
    t.regex(record.msg, /^policy "mark" not loaded, the last good version stays: /);
    t.regex(record.msg, says);
    if (line > 0) {
      t.regex(record.msg, new RegExp(`mark\\.ts:${line}\\b`));
      t.true(String(record.frame).includes(source.split("\n")[line - 1]!), String(record.frame));
    }
    client.send("m");
    t.is(await client.next(), "m v1");
    const newcomer = await connect();
    newcomer.send("m");
    t.is(await newcomer.next(), "m v1");
    t.is(await problems(), "1");

    await gateway.write("mark.ts", mark("v2"));
    t.is(await askUntil(client, "m", (answer) => answer !== "m v1"), "m v2");
    t.is(await problems(), "0");
  });
}

test("a broken file that joins the folder leaves the others alone, and is told of once", async (t) => {
  const { connect, gateway } = await startPolicies(
    t,
    { "good.ts": mark("good") },
    { route: { policies: "*" } },
  );
  const client = await connect();
  await gateway.write("bad.ts", "export const client = (;");
  await gateway.logged(({ level, policy }) => level === "error" && policy === "bad");
  await gateway.write("good.ts", mark("better"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m good"), "m better");
  t.is(gateway.log.filter(({ level, policy }) => level === "error" && policy === "bad").length, 1);
  await connect();
});

test('what breaks keeps its place: a file of "*" its place in the chain, a drop-in file its route', async (t) => {
  const { connect, gateway, server } = await startPolicies(
    t,
    { "a.ts": mark("a"), "b.ts": mark("b") },
    { route: { policies: "*" } },
  );
  const dropIn = `export const route = { path: "/own", upstream: "${server.url}" };\n${mark("own")}`;
  await gateway.write("own.ts", dropIn);
  await gateway.logged(({ msg, policy }) => msg === "policy loaded" && policy === "own");
  for (const name of ["a", "own"]) {
    await gateway.write(`${name}.ts`, "export const client = (;");
    await gateway.logged(({ level, policy }) => level === "error" && policy === name);
  }
  await gateway.gateway.reload();
  for (const [path, expected] of Object.entries({ "/any": "m a b", "/own": "m own" })) {
    const client = await connect(path);
    client.send("m");
    t.is(await client.next(), expected);
  }
});
