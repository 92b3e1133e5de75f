import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { shadowsSchema } from "../../core/admin/api/shadow-schema.ts";
import { makeKeys } from "../../policies/pack/signature.ts";
import { runCommand } from "../cli/in-process.ts";
import { makeFolder } from "../config/folder.ts";
import { archive, makePack } from "../policies/pack/packing.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway, type TestGateway } from "../support/gateways/gateway.ts";
import { startFlow } from "../support/peers/flow.ts";
import { connectClient, echo, startServer, type TestClient } from "../support/peers/peers.ts";
import { askUntil } from "../support/policies.ts";
import { startRegistry } from "../support/servers/package-registry.ts";

const run = promisify(execFile);
const NAME = "@acme/guard/count";
const acmeKey = makeKeys().privateKey;

test("two teams: built and signed in one folder, published, added in another under traffic, updated, and refused when it asks for more", async (t) => {
  const acme = await makeTeam(t);
  const publicKey = await acme.keygen();
  await acme.publish("1.0.0");

  const server = await startServer(t, echo);
  const gateway = await startGateway(t, {
    policies: { "own.ts": "export const client = () => {};" },
    routes: [
      { path: "/guarded", upstream: server.url, policies: [NAME] },
      { path: "/own", upstream: server.url, policies: ["own"] },
    ],
    config: { packs: { require: "signed", keys: { acme: publicKey } } },
  });
  const bank = await makeCustomer(t, acme.npmrc, gateway, publicKey);
  const other = await connectClient(t, `${gateway.url}/own`);
  const { msg } = await gateway.logged(({ level }) => level === "error");
  t.regex(
    msg,
    /names the policy "@acme\/guard\/count", and the pack @acme\/guard is not installed: `framegate add @acme\/guard`/,
  );
  await t.throwsAsync(connectClient(t, `${gateway.url}/guarded`), { message: /503/ });

  const added = await bank("add", "@acme/guard", "--yes");
  t.is(added.exitCode, 0, added.stderr);
  t.regex(added.stdout, /^@acme\/guard 1\.0\.0, signed by acme /);
  const client = await connectSoon(t, `${gateway.url}/guarded`);
  t.is(await askUntil(client, "version", () => true), "1.0.0");

  const flow = startFlow(client, 16, 5);
  await flow.progress(100);
  await acme.publish("1.1.0");
  const updated = await bank("update", "@acme/guard");
  t.is(updated.exitCode, 0, updated.stderr);
  await gateway.logged(({ msg, policy }) => msg === "policy reloaded" && policy === NAME);
  await flow.progress(100);

  await acme.publish("1.2.0", { fetch: { hosts: ["evil.example:443"] } });
  const refused = await bank("update", "@acme/guard");
  t.is(refused.exitCode, 1);
  t.regex(refused.stdout, /@acme\/guard 1\.1\.0 → 1\.2\.0\n {2}\+ count: fetch evil\.example:443 \(GET\)/);
  t.regex(refused.stderr, /Nothing was changed/);
  await flow.progress(100);

  // Nor without asking: what lies there must be what was agreed to.
  const manifest = join(gateway.dir, ".packs/@acme/guard/framegate.pack.json");
  const text = await readFile(manifest, "utf8");
  await writeFile(manifest, text.replace('"hooks"', '"capabilities": { "kv": true }, "hooks"'));
  const tampered = await gateway.logged(({ msg, policy }) => policy === NAME && /not loaded/.test(msg));
  t.regex(tampered.msg, /the last good version stays: .*the manifest was changed after it was built/);
  await flow.progress(100);

  t.true((await flow.finish()) >= 400);
  t.is(await askUntil(client, "version", () => true), "1.1.0");
  other.send("still here");
  t.is(await other.next(), "still here");
  t.false(gateway.log.some(({ msg }) => /session ended/.test(msg)));
});

test("an archive that is dropped into the folder is live at once, and is not when it was tampered with", async (t) => {
  const server = await startServer(t, echo);
  const gateway = await startGateway(t, {
    policies: { "own.ts": "export const client = () => {};" },
    routes: [{ path: "/", upstream: server.url, policies: [NAME] }],
  });
  await writeFile(join(gateway.dir, "guard.tgz"), await packCount(t, "1.0.0"));
  const client = await connectSoon(t, gateway.url);
  t.is(await askUntil(client, "version", () => true), "1.0.0");
  const next = await packCount(t, "1.1.0");
  await writeFile(join(gateway.dir, "guard.tgz"), next.subarray(0, 900));
  await gateway.logged(({ msg, policy }) => policy === NAME && /not loaded/.test(msg));
  t.is(await askUntil(client, "version", () => true), "1.0.0");
  await writeFile(join(gateway.dir, "guard.tgz"), next);
  t.is(await askUntil(client, "version", (answer) => answer === "1.1.0"), "1.1.0");
});

test("another version of a pack, in a folder of its own, is the shadow of the one that runs", async (t) => {
  const server = await startServer(t, echo);
  const next = await makeFolder(t);
  await writeFile(join(next, "guard.tgz"), await packCount(t, "1.1.0"));
  const gateway = await startGateway(t, {
    policies: { "own.ts": "export const client = () => {};" },
    routes: [{ path: "/", upstream: server.url, policies: ["own", NAME], shadow: next }],
    config: { console: { port: 0, token: false } },
  });
  await writeFile(join(gateway.dir, "guard.tgz"), await packCount(t, "1.0.0"));
  const sample = await eventually("it says another version", async () => {
    const client = await connectSoon(t, gateway.url);
    t.is(await askUntil(client, "version", () => true), "1.0.0");
    client.ws.close();
    const { port } = gateway.gateway.addresses.console ?? {};
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/shadows`);
    const { shadows } = shadowsSchema.parse(await response.json());
    t.true(shadows.every(({ policy, samples }) => policy === NAME || samples.length === 0));
    return shadows.flatMap(({ samples }) => samples)[0];
  });
  t.true(JSON.stringify(sample.shadow).includes("1.1.0"));
});

test("what was agreed to is granted, in the pack's own store, and the config's word comes before it", async (t) => {
  const packed = await packCount(t, "1.0.0", { kv: true });
  const server = await startServer(t, echo);
  const routes = [{ path: "/", upstream: server.url, policies: [NAME] }];
  const answers: unknown[] = [];
  for (const config of [{}, { grants: { "@acme/*": { secrets: [] } } }]) {
    const gateway = await startGateway(t, {
      policies: { "own.ts": "export const client = () => {};" },
      routes,
      config,
    });
    const file = join(gateway.dir, "../guard.tgz");
    await writeFile(file, packed);
    const added = await runCommand(["add", file, "--yes", "--policies", gateway.dir]);
    t.is(added.exitCode, 0, added.stderr);
    const client = await connectSoon(t, gateway.url);
    client.send("store");
    answers.push(await client.next());
  }
  t.is(answers[0], "1");
  t.regex(String(answers[1]), /kv is not granted/);
});

test("a policy of the standard pack is there by its name, and its options are checked", async (t) => {
  const server = await startServer(t, echo);
  const use = { use: "@framegate/standard/json-limits", options: { depth: 2 } };
  const gateway = await startGateway(t, {
    policies: { "own.ts": "export const client = () => {};" },
    routes: [
      { path: "/limited", upstream: server.url, policies: [use] },
      { path: "/misfit", upstream: server.url, policies: [{ ...use, options: { depht: 2 } }] },
    ],
  });
  const client = await connectClient(t, `${gateway.url}/limited`);
  client.send('{"a":1}');
  t.is(await client.next(), '{"a":1}');
  client.send('{"a":{"b":{"c":1}}}');
  t.true((await client.closed).code >= 1007);
  await t.throwsAsync(connectClient(t, `${gateway.url}/misfit`), { message: /503/ });
  t.true(
    gateway.log.some(({ msg }) => /"@framegate\/standard\/json-limits": option `depht`: unknown/.test(msg)),
  );
});

interface Team {
  /** npm's configuration of those who use the registry. */
  readonly npmrc: string;
  keygen(): Promise<string>;
  publish(version: string, capabilities?: object): Promise<void>;
}

/** Those who make `@acme/guard`, in a folder of their own. */
async function makeTeam(t: ExecutionContext): Promise<Team> {
  const registry = await startRegistry(t);
  const npmrc = `@acme:registry=${registry.url}\n${registry.url.replace("http:", "")}:_authToken=any\nupdate-notifier=false\n`;
  const dir = await makeFolder(t, { "guard/.npmrc": npmrc });
  const guard = join(dir, "guard");

  async function framegate(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runCommand(args, guard);
    if (exitCode !== 0) throw new Error(stdout + stderr);
    return stdout;
  }

  async function build(version: string, capabilities?: object): Promise<void> {
    const description = { name: "@acme/guard", version, files: ["dist", "framegate.*"] };
    await writeFile(join(guard, "package.json"), JSON.stringify(description));
    await writeCount(guard, count(version, capabilities));
    await framegate("pack", "build");
    await framegate("pack", "sign", "--key", "../acme.pem");
  }

  return {
    npmrc,
    keygen: async () => /^ed25519:.*$/m.exec(await framegate("pack", "keygen", "--out", "../acme.pem"))![0],
    async publish(version, capabilities) {
      await build(version, capabilities);
      await run("npm", ["publish", "--ignore-scripts", "--silent"], { cwd: guard });
    },
  };
}

/** Those who run the gateway: `framegate` in a folder with a config that trusts the key. */
async function makeCustomer(t: ExecutionContext, npmrc: string, { dir }: TestGateway, publicKey: string) {
  const config = JSON.stringify({ policies: dir, packs: { require: "signed", keys: { acme: publicKey } } });
  const folder = await makeFolder(t, { ".npmrc": npmrc, "framegate.config.json": config });
  return (...args: string[]) => runCommand(args, folder);
}

/** The signed archive of `@acme/guard`, without its publication. */
async function packCount(t: ExecutionContext, version: string, capabilities?: object): Promise<Buffer> {
  const policies = { count: count(version, capabilities) };
  return archive(await makePack(t, { version, key: acmeKey, policies }));
}

async function writeCount(guard: string, source: string): Promise<void> {
  await mkdir(join(guard, "policies"), { recursive: true });
  await writeFile(join(guard, "policies/count.ts"), source);
}

/** What a flow expects, and a word about itself. */
function count(version: string, capabilities?: object): string {
  return `
    ${capabilities ? `export const capabilities = ${JSON.stringify(capabilities)};` : ""}
    export const client = async ({ content, session, kv }: any) => {
      if (content.body === "store") {
        const count = await kv.increment("count").catch((error: Error) => error.message);
        return { drop: true, reply: [String(count)] };
      }
      if (content.body === "version") return { drop: true, reply: ["${version}"] };
      session.count = (session.count ?? 0) + 1;
      return { content: { body: content.body + " " + session.count } };
    };`;
}

/** A log line says that a policy was loaded; the sessions have it a moment later. */
async function connectSoon(t: ExecutionContext, url: string): Promise<TestClient> {
  return eventually(`${url} takes connections`, () =>
    connectClient(t, url).catch((error: Error) => {
      if (!/503/.test(error.message)) throw error;
      return undefined;
    }),
  );
}
