import { join } from "node:path";
import test from "ava";
import { createGateway, createLogger, loadConfigFile } from "../../../core/index.ts";
import { installPack } from "../../../policies/pack/install.ts";
import { runCli } from "../../cli/process.ts";
import { makeFolder } from "../../config/folder.ts";
import { makeCandidate } from "../../policies/pack/packing.ts";
import { refusedUpgrade } from "../../support/peers/peers.ts";

const upstream = "ws://127.0.0.1:1";
const hook = "export const client = () => {};\n";
const bring = (route: object) => `export const route = ${JSON.stringify({ upstream, ...route })};\n${hook}`;
const strict = `export const optionsSchema = { properties: { rate: { type: "integer" } }, required: ["rate"] };\n`;

const policies = {
  audit: hook,
  hookless: "export const helper = 1;\n",
  empty: `export const route = ${JSON.stringify({ upstream, path: "/empty" })};\n`,
  strict: strict + hook,
  one: bring({ path: "/twice" }),
  two: bring({ path: "/twice" }),
  taken: bring({ path: "/taken" }),
  second: bring({ path: "/second", name: "first" }),
  wrong: bring({ path: "/wrong", onErorr: "drop", upstrem: "" }),
  own: strict + bring({ path: "/own" }),
};

const routes = [
  { path: "/typo", policies: ["audti"] },
  { path: "/pack", policies: ["@acme/guard/redact"] },
  { path: "/options", policies: [{ use: "strict", options: { rate: "fast" } }] },
  { path: "/all", policies: "*" },
  { path: "/idle", policies: ["hookless"] },
  { path: "/taken" },
  { path: "/first", name: "first" },
  { path: "/off", policies: [{ use: "gone", enabled: false }] },
  { path: "/grants", policies: ["@acme/tools/run"] },
].map((route) => ({ upstream, ...route }));

const notServed = "until one of them gives it up, the path is not served";

/** What each says of one problem, and what the gateway answers where it is. `DIR` stands for the folder of the config. */
const problems: readonly {
  readonly at: string;
  readonly status: number;
  readonly log: string;
  readonly check: readonly string[];
}[] = [
  {
    at: "/wrong",
    status: 404,
    log: "DIR/policies/wrong.ts has 2 problems:\n  route.onErorr: unknown option; did you mean `onError`?\n  route.upstrem: unknown option; did you mean `upstream`?",
    check: [
      "policies/wrong.ts: route.onErorr: unknown option; did you mean `onError`?",
      "policies/wrong.ts: route.upstrem: unknown option; did you mean `upstream`?",
    ],
  },
  {
    at: "/taken",
    status: 404,
    log: `the path "/taken" is claimed by DIR/framegate.config.json and DIR/policies/taken.ts; ${notServed}`,
    check: [
      `policies/taken.ts: route.path: "/taken" is claimed by routes[5] of DIR/framegate.config.json too; ${notServed}`,
    ],
  },
  {
    at: "/twice",
    status: 404,
    log: `the path "/twice" is claimed by DIR/policies/one.ts and DIR/policies/two.ts; ${notServed}`,
    check: [
      `policies/two.ts: route.path: "/twice" is claimed by route of DIR/policies/one.ts too; ${notServed}`,
    ],
  },
  {
    at: "/second",
    status: 404,
    log: 'DIR/policies/second.ts: the route\'s name "first" is that of a route of DIR/framegate.config.json already; until it has another, it is not served',
    check: [
      'policies/second.ts: route.name: "first" is that of routes[6] of DIR/framegate.config.json already; until it has another, it is not served',
    ],
  },
  {
    at: "/typo",
    status: 503,
    log: 'DIR/framegate.config.json: route "/typo" names the policy "audti", which is not there (did you mean "audit"?); its connections are refused',
    check: [
      'framegate.config.json: routes[0].policies[0]: there is no policy "audti"; did you mean "audit"?',
    ],
  },
  {
    at: "/pack",
    status: 503,
    log: 'DIR/framegate.config.json: route "/pack" names the policy "@acme/guard/redact", and the pack @acme/guard is not installed: `framegate add @acme/guard`; its connections are refused',
    check: [
      'framegate.config.json: routes[1].policies[0]: there is no policy "@acme/guard/redact"; the pack @acme/guard is not installed: `framegate add @acme/guard`',
    ],
  },
  {
    at: "/idle",
    status: 503,
    log: 'policy "hookless" not loaded, no version of it has ever been: DIR/policies/hookless.ts: exports none of the hooks upgrade, client, server and close. If it is a file that policies import, let its name begin with _',
    check: ["policies/hookless.ts: exports no hook: "],
  },
  {
    at: "/empty",
    // Its chain does nothing: the server is asked, and there is none.
    status: 502,
    log: 'DIR/policies/empty.ts: route "/empty" names the policy "empty", which exports no hook: expected upgrade, client, server or close',
    check: ["policies/empty.ts: exports no hook: "],
  },
  {
    at: "/options",
    status: 503,
    log: 'DIR/framegate.config.json: route "/options", policy "strict": option `rate`: expected integer, got "fast"; its connections are refused',
    check: [
      'framegate.config.json: routes[2].policies[0], policy "strict": option `rate`: expected integer, got "fast"',
    ],
  },
  {
    at: "/all",
    status: 503,
    log: 'DIR/framegate.config.json: route "/all", policy "strict": option `rate`: expected it, but it is missing; its connections are refused',
    check: [
      'framegate.config.json: routes[3].policies, policy "strict": option `rate`: expected it, but it is missing',
    ],
  },
  {
    at: "/grants",
    // The policy runs, and may do nothing: there is no server.
    status: 502,
    log: '@acme/tools/run asks for what this gateway cannot grant: {"shell":true}',
    check: ['@acme/tools/run asks for what this gateway cannot grant: {"shell":true}'],
  },
  {
    at: "/own",
    status: 503,
    log: 'DIR/policies/own.ts: route "/own", policy "own": option `rate`: expected it, but it is missing; its connections are refused',
    check: ['policies/own.ts: route, policy "own": option `rate`: expected it, but it is missing'],
  },
];

test("what `check` says of routes is what the gateway says, and does", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.json": JSON.stringify({
      listen: [{ port: 0 }],
      console: false,
      workers: 0,
      sandbox: { warmSpare: false },
      routes,
    }),
    ...Object.fromEntries(Object.entries(policies).map(([name, source]) => [`policies/${name}.ts`, source])),
  });
  const tools = { run: `export const capabilities = { shell: true };\n${hook}` };
  const candidate = await makeCandidate(t, { name: "@acme/tools", policies: tools });
  await installPack(join(dir, "policies"), candidate);
  const inDir = (text: string): string => text.replaceAll("DIR", dir);
  const logged: string[] = [];
  const logger = createLogger({
    level: "error",
    destination: { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) },
  });
  const gateway = await createGateway(await loadConfigFile(join(dir, "framegate.config.json")), {
    logger,
    watch: false,
  });
  t.teardown(() => gateway.stop());
  await gateway.start();
  t.deepEqual([...logged].sort(), problems.map(({ log }) => inDir(log)).sort());

  const { stdout } = await runCli(t, ["check"], dir);
  const said = stdout.split("\n\n").slice(0, -1);
  for (const { at, check } of problems) {
    for (const text of check) t.is(said.filter((line) => line.startsWith(inDir(text))).length, 1, at);
  }
  t.is(said.length, problems.flatMap(({ check }) => check).length, stdout);

  const port = gateway.addresses.listen[0]?.port;
  for (const { at, status } of problems) {
    t.is((await refusedUpgrade(`ws://127.0.0.1:${port}${at}`)).status, status, at);
  }
});
