import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync } from "node:fs";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { WebSocket } from "ws";
import { makeFolder } from "../config/folder.ts";
import { codeBlocks, readDocument } from "../docs/documents.ts";
import { eventually } from "../support/eventually.ts";
import { startProcess } from "./process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** A route with policies of the packs that come with the gateway, which need packages, and one of another pack. */
const guarded = `    {
      path: "/guarded",
      upstream: "http://127.0.0.1:3000",
      policies: [
        { use: "@framegate/standard/redact", options: { find: ["card"] } },
        { use: "@framegate/xml/redact", options: { keys: ["password"], unreadable: "pass" } },
        { use: "@acme/guard/greet", options: { greeting: "Good evening" } },
      ],
    },`;

/** With libraries of the field's that are installed with the package, one of which needs stand-ins. */
const lens = `import { graphqlWs, mqtt, ocpp16 } from "framegate/lenses";
export const stations = ocpp16({
  // @ts-expect-error the payload has a type, and no such member
  Authorize: ({ payload }) => (payload.nothing === "" ? { drop: true } : undefined),
});
export const devices = mqtt({ connect: ({ clientId }) => (clientId === "" ? { drop: true } : undefined) });
export default graphqlWs({ subscribe: ({ id, payload }) => (payload.query === "" ? { reply: [{ type: "complete", id }] } : {}) });
`;

test("the packed package: installed in an empty folder, init, dev, a change while connected", async (t) => {
  t.timeout(300_000);
  const dir = await makeFolder(t, { "package.json": '{ "private": true }' });
  await run("npm", ["pack", "--silent", "--pack-destination", dir], { cwd: root });
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const install = [
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    join(dir, `framegate-${version}.tgz`),
  ];
  await placeDependencies(dir);
  await run("npm", install, { cwd: dir });
  const framegate = join(dir, "node_modules/.bin/framegate");

  // All that others import is there, and stands by itself.
  const { exports } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const names = Object.entries(exports).filter(([, target]) => (target as { default?: string }).default);
  t.true(names.length >= 9);
  const load = names.map(([name]) => `await import("framegate${name.slice(1)}");`).join("\n");
  await run(process.execPath, ["--input-type=module", "-e", load], { cwd: dir });

  // What the README leads to is there, but for pictures.
  const links = [...(await readDocument("README.md")).matchAll(/\]\(([\w./-]+\.(?:md|ts)|LICENSE)/g)].map(
    ([, path]) => path!,
  );
  t.true(links.length > 20);
  t.deepEqual(
    links.filter((path) => !existsSync(join(dir, "node_modules/framegate", path))),
    [],
  );

  // All that `node:http` exports, undici among it, is loaded by each process that imports it.
  const programs = join(dir, "node_modules/framegate/dist/run");
  const texts = await Promise.all(
    (await readdir(programs)).map((file) => readFile(join(programs, file), "utf8")),
  );
  t.false(texts.some((text) => /from "node:https?"/.test(text)));
  // zod's errors in fifty languages: none of ours is said in one of them.
  t.false(texts.some((text) => text.includes("Ungültige Eingabe")));

  await run(process.execPath, [framegate, "init"], { cwd: dir });
  const { stdout } = await run(process.execPath, [framegate, "check"], { cwd: dir });
  t.regex(stdout, /^1 policy is fine\nbrowsers: .*\n.*set console\.token, .*\n$/);

  // A config in YAML, the parser of which is a package in CommonJS; and nobody is there to be asked.
  await writeFile(join(dir, "other.yaml"), "console: { port: 1 }\nroutes: []\n");
  const asked = run(process.execPath, [framegate, "health", "--config", "other.yaml"], { cwd: dir });
  t.regex((await t.throwsAsync<Error & { stderr: string }>(asked)).stderr, /Nobody answers at .*:1\/healthz/);

  const tested = await run(process.execPath, [framegate, "test"], { cwd: dir });
  t.regex(tested.stdout, /pass 2\n.*fail 0/);

  // What reads AsyncAPI is the user's to install.
  const [chat = ""] = codeBlocks(await readDocument("docs/asyncapi.md"), "yaml");
  await writeFile(join(dir, "chat.yaml"), chat);
  const describe = () => run(process.execPath, [framegate, "asyncapi", "chat.yaml"], { cwd: dir });
  const { stderr } = await t.throwsAsync<Error & { stderr: string }>(describe());
  t.regex(stderr, /npm install --save-dev @asyncapi\/parser@/);
  await symlink(join(root, "node_modules/@asyncapi"), join(dir, "node_modules/@asyncapi"));
  await describe();
  const testedAgain = await run(process.execPath, [framegate, "test"], { cwd: dir });
  t.regex(testedAgain.stdout, /pass 10\n.*fail 0/);

  // A pack, made and added with the package alone; found by `node_modules` of the folder above.
  await run(process.execPath, [framegate, "pack", "init", "guard", "--name", "@acme/guard"], { cwd: dir });
  await run(process.execPath, [framegate, "pack", "check", "guard"], { cwd: dir });
  await run(process.execPath, [framegate, "pack", "build", "guard"], { cwd: dir });
  await run(process.execPath, [framegate, "add", "./guard", "--yes"], { cwd: dir });
  const config = join(dir, "framegate.config.ts");
  const given = await readFile(config, "utf8");
  const writeRoute = (route: string) =>
    writeFile(config, given.replace(/ {2}\],\n\}\);\n$/, `${route}\n  ],\n});\n`));
  await writeRoute(guarded);
  await writeFile(join(dir, "policies/lens.ts"), lens);
  const checked = await run(process.execPath, [framegate, "check"], { cwd: dir });
  t.regex(
    checked.stdout,
    /^6 policies are fine\nin a host process of the pack @acme\/guard: @acme\/guard\/greet\n/,
  );

  // What an editor sees: the tsconfig.json, the types of hooks and lenses, the sandbox's globals; the options of policies of packs.
  const compile = (project: string) =>
    run(process.execPath, [join(dir, "node_modules/typescript/bin/tsc"), "-p", project], { cwd: dir });
  await compile(dir);
  await compile(join(dir, "policies"));
  await writeRoute(guarded.replace("greeting", "greting"));
  t.regex((await t.throwsAsync<Error & { stdout: string }>(compile(dir))).stdout, /'greting' does not exist/);
  await writeRoute(guarded);

  const args = ["dev", "--echo", "--port", "0", "--console-port", "0", "--workers", "1"];
  const gateway = startProcess(t, process.execPath, [framegate, ...args], dir);
  const [, url] = await gateway.output(/Connect +(ws:\S+)/);
  const socket = new WebSocket(url!);
  t.teardown(() => socket.terminate());
  await once(socket, "open");
  t.is((await greet(socket)).greeting, "Hello from the gateway");

  const other = new WebSocket(new URL("/guarded", url));
  t.teardown(() => other.terminate());
  await once(other, "open");
  other.send("my card is 4111 1111 1111 1111");
  t.is(String((await once(other, "message"))[0]), "Good evening, my card is ***");

  const policy = join(dir, "policies/hello.ts");
  const text = await readFile(policy, "utf8");
  await writeFile(policy, text.replace("Hello from the gateway", "Good evening"));
  await gateway.output(/ reloaded in /);
  await greetUntil(socket, "Good evening");

  gateway.process.kill("SIGTERM");
  t.is((await gateway.ended).exitCode, 0);
});

/** What the package depends on, as the lock has it: npm finds it there, and unpacks nothing but the package. */
async function placeDependencies(dir: string): Promise<void> {
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  for (const [path, { dev, devOptional }] of Object.entries<{ dev?: true; devOptional?: true }>(packages)) {
    const isForUs = path === "" || dev || devOptional;
    if (!isForUs && existsSync(join(root, path))) {
      cpSync(join(root, path), join(dir, path), { recursive: true, verbatimSymlinks: true });
    }
  }
}

async function greet(socket: WebSocket): Promise<{ readonly greeting: string }> {
  socket.send('{"text":"hi"}');
  const [body] = await once(socket, "message");
  return JSON.parse(String(body));
}

/** The log line says that the version was loaded; the workers move to it a moment later. */
async function greetUntil(socket: WebSocket, expected: string): Promise<void> {
  await eventually(`it greets with ${expected}`, async () => (await greet(socket)).greeting === expected);
}
