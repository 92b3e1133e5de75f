import { spawnSync } from "node:child_process";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { parseOciReference } from "../../core/net/oci-reference.ts";
import { createGitDriver } from "../../core/source/drivers/git.ts";
import { createOciDriver } from "../../core/source/drivers/oci.ts";
import { signDigest } from "../../core/source/judge.ts";
import { writeArtifact, writeSignature } from "../../core/source/oci/artifact.ts";
import { openRegistry } from "../../core/source/oci/registry.ts";
import { digestOf, type SourceFiles } from "../../core/source/version.ts";
import { writeArchive } from "../../policies/pack/archive.ts";
import { sha256 } from "../../policies/pack/canonical-json.ts";
import { makeKeys } from "../../policies/pack/signature.ts";
import { runCommand } from "../cli/in-process.ts";
import { makeFolder } from "../config/folder.ts";
import { archiveOf } from "../policies/pack/packing.ts";
import { filesOf } from "../source/support.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { has } from "../support/needs.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { git, serveGit } from "../support/servers/git-server.ts";
import { startHttp } from "../support/servers/http-server.ts";
import { startRegistry } from "../support/servers/registry.ts";

const says = (word: string) => `import type { Message } from "framegate/policy";
import { mark } from "../lib/mark.ts";
import { tail } from "tail";
export const client: Message = ({ session }) => {
  session.count = Number(session.count ?? 0) + 1;
  return { content: { body: ["${word}", mark, tail, session.count].join(" ") } };
};
`;
const soon = () => AbortSignal.timeout(60_000);
process.env.FRAMEGATE_TEST_PASSWORD = "secret";
process.env.DOCKER_CONFIG = "/nowhere";

/** A folder of policies that import from beside it, and a package. */
function makeAuthor(t: ExecutionContext): Promise<string> {
  return makeFolder(t, {
    "policies/say.ts": says("one"),
    "policies/guard/all.ts": "export const client = () => {};\n",
    "lib/mark.ts": 'export const mark = "!";\n',
    "node_modules/tail/package.json":
      '{ "name": "tail", "version": "1.0.0", "type": "module", "main": "src/i.js" }',
    "node_modules/tail/src/i.js": 'export const tail = "~";\n',
    "node_modules/tail/src/i.d.ts": "export const tail: string;",
    "node_modules/tail/other.js": "not imported",
  });
}

function login(t: ExecutionContext, host: string): void {
  const names = {
    FRAMEGATE_REGISTRY: host,
    FRAMEGATE_REGISTRY_USER: "anna",
    FRAMEGATE_REGISTRY_TOKEN: "secret",
  };
  Object.assign(process.env, names);
  t.teardown(() => {
    for (const name of Object.keys(names)) delete process.env[name];
  });
}

test.serial("a registry's password is for that registry", async (t) => {
  const asked: (string | undefined)[] = [];
  const { url } = await startHttp(t, ({ headers }, response) => {
    asked.push(headers.authorization);
    response.writeHead(401, { "WWW-Authenticate": "Basic realm=x" }).end();
  });
  const host = new URL(url).host;
  const pull = () => runCommand(["pull", `oci://${host}/vendor/x:1`, "/nowhere"]);
  login(t, "registry.example.com");
  t.regex((await pull()).stderr, /the registry answered 401/);
  t.deepEqual(asked, [undefined]);
  delete process.env.FRAMEGATE_REGISTRY;
  t.regex((await pull()).stderr, /nothing says for which registry: set FRAMEGATE_REGISTRY to its host/);
  process.env.FRAMEGATE_REGISTRY = host;
  await pull();
  t.regex(asked.at(-1) ?? "", /^Basic /);
});

test.serial("a registry: push, a tag that moves, signatures, a pull, and a start without it", async (t) => {
  if (!has(t, "docker-registry")) return;
  const registry = await startRegistry(t);
  const author = await makeAuthor(t);
  const { publicKey, privateKey } = makeKeys();
  await writeFile(join(author, "key.pem"), privateKey);
  const artifact = `oci://${registry.host}/team/policies:stable`;
  const push = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await runCommand(["push", artifact, author, ...args]);
    t.is(exitCode, 0, stdout + stderr);
    return stdout;
  };
  const refusal = await runCommand(["push", artifact, author]);
  t.regex(refusal.stderr, /^framegate: oci:.* the registry answered 401: it wants to know who asks/);
  login(t, registry.host);
  const words = await push("--key", join(author, "key.pem"), "--revision", "abc");
  t.regex(words, /^2 policies are fine\n/m);
  t.regex(
    words,
    /Pushed oci:\/\/\S+:stable\n {2}by its digest: oci:\/\/\S+@sha256:[0-9a-f]{64}\n {2}for `source.lock`: sha256:\S+\n {2}signed\n$/,
  );
  const [, pinned = ""] = /by its digest: (\S+)/.exec(words) ?? [];

  const server = await startServer(t);
  const dir = await makeFolder(t);
  const config = {
    console: { port: 0, token: false },
    policies: "policies",
    packs: { keys: { author: publicKey } },
    secrets: { REGISTRY: { env: "FRAMEGATE_TEST_PASSWORD" } },
    source: {
      oci: artifact,
      user: "anna",
      token: "REGISTRY",
      require: "signed",
      every: "100ms",
      timeout: "2s",
      dir,
    },
  } as const;
  const routes = [{ path: "/", upstream: server.url, policies: ["say", "guard/all"] }];
  const gateway = await startGateway(t, { config, routes });
  const client = await connectClient(t, gateway.url);
  const ask = async () => {
    client.send("x");
    return client.next();
  };
  t.is(await ask(), "one ! ~ 1");
  await gateway.logged(({ msg, madeOf }) => msg.startsWith("this version of the source") && madeOf === "abc");
  const consoleUrl = `http://127.0.0.1:${gateway.gateway.addresses.console?.port}`;
  const { source } = await (await fetch(`${consoleUrl}/api/v1/source`)).json();
  t.is(source.active.madeOf, "abc");

  await writeFile(join(author, "policies/say.ts"), says("two"));
  await push();
  const refusedFor = (why: RegExp) =>
    gateway.logged(({ msg }) => msg.startsWith("a version of the source is refused") && why.test(msg));
  await refusedFor(/it is not signed/);
  t.is(await ask(), "one ! ~ 2");
  // Signed, it is another version to look at, though its content is the same.
  await push("--key", join(author, "key.pem"));
  await eventually("the tag has moved", async () => String(await ask()).startsWith("two ! ~"));

  // A policy that the routes name is not there any more.
  const other = await makeFolder(t, { "policies/other.ts": "export const client = () => {};\n" });
  t.is((await runCommand(["push", artifact, other, "--key", join(author, "key.pem")])).exitCode, 0);
  await refusedFor(/names a policy "say"|"say"/);
  t.regex(String(await ask()), /^two/);

  // With a config its routes come along, as data, and are checked too.
  await writeFile(
    join(author, "own.config.mjs"),
    `export default { listen: [{ port: 1 }], routes: [{ path: "/" + "x", upstream: "ws://a", policies: ["say"] }] };`,
  );
  t.is(
    (await runCommand(["push", `${artifact}-routes`, author, "--config", join(author, "own.config.mjs")]))
      .exitCode,
    0,
  );
  const withRoutes = join(await makeFolder(t), "pulled");
  await runCommand(["pull", `${artifact}-routes`, withRoutes]);
  t.deepEqual(JSON.parse(await readFile(join(withRoutes, "framegate.config.json"), "utf8")), {
    routes: [{ path: "/x", upstream: "ws://a", policies: ["say"] }],
  });

  // What is the machine's to know does not go with them.
  const proxy = `"http://user:" + process.env.FRAMEGATE_TEST_PASSWORD + "@127.0.0.1:3128"`;
  await writeFile(
    join(author, "own.config.mjs"),
    `export default { upstreams: { a: { url: "ws://a", proxy: ${proxy} } }, routes: [{ path: "/x", upstream: "a", policies: ["say"] }] };`,
  );
  const told = await runCommand([
    ...["push", `${artifact}-proxy`, author, "--config", join(author, "own.config.mjs")],
  ]);
  t.regex(told.stderr, /upstreams\.a\.proxy of .* is a URL with a user or a password/);
  t.notRegex(told.stderr, /secret/);
  t.is(told.exitCode, 2);

  // A broken one is not pushed in the first place.
  await writeFile(join(author, "policies/say.ts"), "export const client = (");
  const broken = await runCommand(["push", artifact, author]);
  t.is(broken.exitCode, 1);
  t.regex(broken.stdout, /say\.ts/);

  const into = join(await makeFolder(t), "pulled");
  const pulled = await runCommand(["pull", pinned, into, "--signer", publicKey]);
  t.regex(
    pulled.stdout,
    /Wrote 5 files to .*\n.*\n {2}for `source.lock`: sha256:.*\n {2}made of abc, as who pushed it says\n {2}signed by /,
    pulled.stderr,
  );
  t.is(await readFile(join(into, "policies/say.ts"), "utf8"), says("one"));
  t.deepEqual(await readdir(join(into, "node_modules/tail")), ["package.json", "src"]);
  t.deepEqual(await readdir(join(into, "node_modules/tail/src")), ["i.js"]);
  t.regex((await runCommand(["pull", pinned, into])).stderr, /is not empty/);
  const stranger = await runCommand(["pull", pinned, join(into, "x"), "--signer", makeKeys().publicKey]);
  t.regex(
    stranger.stderr,
    /It is signed by ed25519:\S+ \([0-9a-f]{16}\); expected --signer ed25519:\S+ \([0-9a-f]{16}\)\. Nothing was written\./,
  );

  registry.pause();
  await gateway.logged(({ msg }) => msg.startsWith("the source gives nothing"));
  t.regex(String(await ask()), /^two/);
  registry.resume();
  await registry.kill();
  await gateway.stop();
  const later = await startGateway(t, { config: { ...config, console: false }, routes });
  const survivor = await connectClient(t, later.url);
  survivor.send("x");
  t.is(await survivor.next(), "two ! ~ 1");
});

test.serial("a registry whose storage was changed, and artifacts that are none of ours", async (t) => {
  if (!has(t, "docker-registry")) return;
  const registry = await startRegistry(t, { isOpen: true });
  const author = await makeAuthor(t);
  const artifact = `oci://${registry.host}/policies:1`;
  const { stdout } = await runCommand(["push", artifact, author]);
  t.regex(stdout, /not signed/);
  const read = async (text: string) => {
    const reference = parseOciReference(text);
    if (reference === undefined) throw new Error(text);
    const found = await createOciDriver(reference, () => ({ plainHttp: false })).fetch(undefined, soon());
    return found === "unchanged" ? found : { ...found.revision, files: await found.unpack() };
  };
  const version = await read(artifact);
  if (version === "unchanged") return t.fail();
  t.is(version.files.size, 5);
  await t.throwsAsync(read(`oci://${registry.host}/policies:2`), {
    message: /is not there: the registry answered 404/,
  });
  await t.throwsAsync(read(`oci://${registry.host}/other`), { message: /404/ });

  // An image, as anybody may push one.
  const put = async (path: string, type: string, body: string) => {
    const answer = await fetch(`http://${registry.host}/v2/policies/${path}`, {
      method: "PUT",
      headers: { "Content-Type": type },
      body,
    });
    t.is(answer.status, 201);
  };
  const manifestType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = JSON.parse(
    await (
      await fetch(`http://${registry.host}/v2/policies/manifests/1`, { headers: { Accept: manifestType } })
    ).text(),
  );
  await put("manifests/image", manifestType, JSON.stringify({ ...manifest, artifactType: "application/x" }));
  await t.throwsAsync(read(`oci://${registry.host}/policies:image`), {
    message: /is no artifact of Framegate: expected an artifact of type/,
  });
  const [layer] = manifest.layers;
  await put("manifests/two", manifestType, JSON.stringify({ ...manifest, layers: [layer, layer] }));
  await t.throwsAsync(read(`oci://${registry.host}/policies:two`), { message: /expected one layer/ });

  // Of two that have signed it, beside it or in it, the one that was asked for counts.
  const [ours, theirs] = [makeKeys(), makeKeys()];
  const signedVersion = filesOf({ "policies/a.ts": "" });
  const contentDigest = digestOf(signedVersion);
  const signatureOf = ({ privateKey }: { privateKey: string }) =>
    signDigest(contentDigest, Date.now(), privateKey);
  const reference = parseOciReference(`oci://${registry.host}/policies:signed`);
  if (reference === undefined) return t.fail();
  const target = openRegistry(reference, () => ({ plainHttp: false }));
  const layerOf = (files: SourceFiles) =>
    writeArchive(files).then((layer) => ({ kind: "source", layer }) as const);
  const besideIt = await writeArtifact(target, "signed", await layerOf(signedVersion), soon());
  for (const key of [theirs, ours]) await writeSignature(target, besideIt, signatureOf(key), soon());
  signedVersion.set("framegate.source.sig", Buffer.from(signatureOf(ours)));
  await writeArtifact(target, "inside", await layerOf(signedVersion), soon());
  for (const tag of ["signed", "inside"]) {
    const into = join(await makeFolder(t), "pulled");
    const { stdout, stderr } = await runCommand([
      ...["pull", `oci://${registry.host}/policies:${tag}`, into, "--signer", ours.publicKey],
    ]);
    t.regex(stdout, /signed by /, stderr);
    const written = await readFile(join(into, "framegate.source.sig"), "utf8");
    t.true(written.includes(ours.publicKey), written);
  }

  // Somebody has written to its disk.
  const hex = layer.digest.slice("sha256:".length);
  const blob = join(registry.dir, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
  const evil = archiveOf([{ path: "policies/evil.ts", text: "" }]);
  await writeFile(blob, Buffer.concat([evil, Buffer.alloc(layer.size)]).subarray(0, layer.size));
  await t.throwsAsync(read(artifact), { message: /a layer is not what its digest says/ });
});

test.serial("packs from a registry: added with consent, locked, updated", async (t) => {
  if (!has(t, "docker-registry")) return;
  const registry = await startRegistry(t, { isOpen: true });
  const pack = async (version: string) => {
    const dir = await makeFolder(t, {
      "package.json": JSON.stringify({ name: "@acme/guard", version }),
      "policies/stop.ts": `export const client = () => ({ drop: true }); // ${version}\n`,
    });
    t.is((await runCommand(["pack", "build"], dir)).exitCode, 0);
    const { exitCode, stdout, stderr } = await runCommand([
      "push",
      `oci://${registry.host}/packs/guard:1`,
      dir,
    ]);
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /^Pushed .*\n {2}by its digest: oci:\S+\n$/);
  };
  await pack("1.0.0");
  const dir = await makeFolder(t, { "policies/a.ts": "" });
  const spec = `oci://${registry.host}/packs/guard:1`;
  const policies = ["--policies", join(dir, "policies")];
  t.regex((await runCommand(["add", spec, ...policies])).stderr, /no terminal to ask at/);
  const added = await runCommand(["add", spec, "--yes", ...policies]);
  t.regex(added.stdout, /@acme\/guard 1\.0\.0.*Added/s, added.stderr);
  const { packs } = JSON.parse(await readFile(join(dir, "policies.lock.json"), "utf8"));
  t.like(packs["@acme/guard"], { version: "1.0.0", source: spec });
  await pack("1.1.0");
  const updated = await runCommand(["update", ...policies]);
  t.regex(updated.stdout, /Updated/, updated.stderr);
  t.regex((await runCommand(["verify", ...policies])).stdout, /@acme\/guard 1\.1\.0/);
  // A pack is no version of policies.
  t.regex(
    (await runCommand(["pull", spec, join(dir, "x")])).stderr,
    /expected an artifact of type application\/vnd\.framegate\.source/,
  );
});

test.serial("a registry that sends to its token server, and its layers elsewhere", async (t) => {
  const archive = await writeArchive(filesOf({ "policies/a.ts": "1" }));
  const digest = `sha256:${sha256(archive)}`;
  const manifest = JSON.stringify({
    artifactType: "application/vnd.framegate.source.v1",
    layers: [{ mediaType: "application/vnd.framegate.source.v1.tar+gzip", digest, size: archive.length }],
  });
  const asked: string[] = [];
  let isGreedy = false;
  const elsewhere = await startHttp(t, ({ headers }, response) => {
    asked.push(`storage ${headers.authorization}`);
    if (isGreedy)
      response.writeHead(401, { "WWW-Authenticate": `Bearer realm="${elsewhere.url}",service="s"` });
    response.end(archive);
  });
  const tokens = await startHttp(t, ({ url, headers }, response) => {
    asked.push(`tokens ${url} ${headers.authorization}`);
    response.end(JSON.stringify({ token: "t0k3n" }));
  });
  const registry = await startHttp(t, ({ url = "", headers, method }, response) => {
    if (headers.authorization !== "Bearer t0k3n") {
      const challenge = `Bearer realm="${tokens.url}/token",service="reg",scope="repository:team/a:pull"`;
      return void response.writeHead(401, { "WWW-Authenticate": challenge }).end();
    }
    if (url.startsWith("/v2/team/a/blobs/"))
      return void response.writeHead(307, { Location: elsewhere.url }).end();
    if (url !== "/v2/team/a/manifests/1") return void response.writeHead(404).end();
    response.setHeader("Docker-Content-Digest", `sha256:${sha256(manifest)}`);
    response.end(method === "HEAD" ? undefined : manifest);
  });
  const reference = parseOciReference(`${registry.url.replace("http://", "oci://")}/team/a:1`);
  if (reference === undefined) return t.fail();
  const driver = createOciDriver(reference, () => ({ plainHttp: false, user: "anna", token: "secret" }));
  const found = await driver.fetch(undefined, soon());
  if (found === "unchanged") return t.fail();
  t.is((await found.unpack()).size, 1);
  t.deepEqual(asked, [
    `tokens /token?service=reg&scope=repository%3Ateam%2Fa%3Apull Basic ${Buffer.from("anna:secret").toString("base64")}`,
    "storage undefined",
  ]);
  t.is(await driver.fetch(found.revision, soon()), "unchanged");

  // What the registry sends to is not the registry.
  isGreedy = true;
  asked.length = 0;
  await t.throwsAsync(driver.fetch(undefined, soon()), { message: /reading a layer failed/ });
  t.deepEqual(asked, ["storage undefined"]);
});

test.serial(
  "git: a branch that moves, a tag, a commit, a folder of it; what is no file is refused, who asks is known",
  async (t) => {
    if (!has(t, "git")) return;
    const root = await makeFolder(t, {
      "work/eu/policies/say.ts": "export const upgrade = () => ({ reject: { status: 418 } });\n",
      "work/us/policies/say.ts": "us",
    });
    const work = join(root, "work");
    git(root, "init", "--quiet", "--bare", "-b", "main", "repo.git");
    git(work, "init", "--quiet", "-b", "main");
    git(work, "remote", "add", "origin", join(root, "repo.git"));
    const commit = (message: string) => {
      git(work, "add", "--all");
      git(work, "commit", "--quiet", "--allow-empty", "-m", message);
      git(work, "push", "--quiet", "--force", "origin", "HEAD", "--tags");
      return git(work, "rev-parse", "HEAD");
    };
    const first = commit("first");
    git(work, "branch", "feature/main");
    git(work, "push", "--quiet", "origin", "feature/main");
    git(work, "tag", "-a", "-m", "one", "v1");
    const url = `${await serveGit(t, root, `Basic ${Buffer.from("anna:secret").toString("base64")}`)}/repo.git`;

    const server = await startServer(t);
    const gateway = await startGateway(t, {
      config: {
        policies: "policies",
        secrets: { GIT: { env: "FRAMEGATE_TEST_PASSWORD" } },
        source: {
          git: url,
          ref: "main",
          path: "eu",
          user: "anna",
          token: "GIT",
          every: "100ms",
          dir: join(root, "state"),
        },
      },
      routes: [{ path: "/", upstream: server.url, policies: ["say"] }],
    });
    await t.throwsAsync(connectClient(t, gateway.url), { message: /418/ });
    await writeFile(
      join(work, "eu/policies/say.ts"),
      "export const upgrade = () => ({ reject: { status: 451 } });\n",
    );
    const second = commit("second");
    await gateway.logged(
      ({ msg, revision }) => msg === "a version of the source is taken" && revision === second,
    );
    await t.throwsAsync(connectClient(t, gateway.url), { message: /451/ });

    const read = async (ref: string, options: { path?: string; from?: string; token?: string } = {}) => {
      const { path = "", from = url, token = "secret" } = options;
      const found = await createGitDriver({
        url: from,
        ref,
        path,
        identify: () => ({ plainHttp: false, user: "anna", token }),
      }).fetch(undefined, soon());
      return found === "unchanged"
        ? found
        : { id: found.revision.id, paths: [...(await found.unpack()).keys()].sort() };
    };
    const all = ["eu/policies/say.ts", "us/policies/say.ts"];
    t.deepEqual(await read("v1"), { id: first, paths: all });
    t.deepEqual(await read(first, { path: "us" }), { id: first, paths: ["us/policies/say.ts"] });
    t.deepEqual(await read("HEAD"), { id: second, paths: all });
    t.like(await read("main", { from: `file://${root}/repo.git` }), { id: second });
    const fails = { code: "ERR_SOURCE_FETCH" };
    await t.throwsAsync(read("none"), { ...fails, message: /there is no branch or tag "none"/ });
    await t.throwsAsync(read("main", { token: "wrong" }), {
      ...fails,
      message: /Authentication failed|could not read Username/,
    });
    await t.throwsAsync(read("main", { from: "git://10.0.0.1/repo.git" }), {
      ...fails,
      message: /git is for this machine only/,
    });

    // With a folder what is beside it is not even asked for: the server has lost it.
    const lost = git(work, "rev-parse", "HEAD:us/policies/say.ts");
    const object = join(root, "repo.git/objects", lost.slice(0, 2), lost.slice(2));
    await rename(object, `${object}.away`);
    git(root, "-C", "repo.git", "config", "uploadpack.allowFilter", "true");
    t.deepEqual(await read("main", { path: "eu" }), { id: second, paths: all.slice(0, 1) });
    await rename(`${object}.away`, object);
    await t.throwsAsync(read("main", { path: "none" }), { ...fails, message: /refs\/framegate\/next:none/ });

    // Neither a link nor a submodule leads anywhere.
    git(
      work,
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "--quiet",
      "add",
      join(root, "repo.git"),
      "sub",
    );
    const third = commit("a submodule");
    t.deepEqual(await read("main"), { id: third, paths: [".gitmodules", ...all] });
    git(work, "config", "core.symlinks", "true");
    git(
      root,
      "-C",
      work,
      "update-index",
      "--add",
      "--cacheinfo",
      `120000,${git(work, "hash-object", "-w", "eu/policies/say.ts")},eu/link`,
    );
    git(work, "commit", "--quiet", "-m", "a link");
    git(work, "push", "--quiet", "origin", "HEAD");
    await t.throwsAsync(read("main"), {
      code: "ERR_SOURCE_FORMAT",
      message: /is no file but a SymbolicLink/,
    });
    t.regex((await gateway.logged(({ msg }) => /SymbolicLink/.test(msg))).msg, /refused, what runs stays/);
  },
);

test.serial(
  "git: what it obeys is the config of the gateway only, and a server that hangs keeps nothing of it",
  async (t) => {
    if (!has(t, "git")) return;
    const asked: (string | undefined)[] = [];
    const answers = Promise.withResolvers<void>();
    const thief = await startHttp(t, ({ headers }, response) => {
      asked.push(headers.authorization);
      response.writeHead(404).end();
    });
    const silent = await startHttp(t, () => answers.resolve());
    const read = (url: string, signal: AbortSignal) =>
      createGitDriver({
        url,
        ref: "main",
        path: "",
        identify: () => ({ plainHttp: false, token: "t" }),
      }).fetch(undefined, signal);
    // The gateway is started in a checkout.
    const checkout = await makeFolder(t);
    git(checkout, "init", "--quiet");
    git(checkout, "config", `url.${thief.url}/.insteadOf`, "http://127.0.0.1:9/");
    const before = process.cwd();
    t.teardown(() => process.chdir(before));
    process.chdir(checkout);
    await t.throwsAsync(read("http://127.0.0.1:9/a.git", soon()), { message: /127\.0\.0\.1 port 9/ });
    t.deepEqual(asked, []);

    // A token that is the user is git's to know.
    const strict = await startHttp(t, (_request, response) => {
      response.writeHead(401, { "WWW-Authenticate": "Basic realm=x" }).end();
    });
    for (const user of ["ghp_TOKEN", "a%2Fghp_TOKEN", "100%ghp_TOKEN"]) {
      const url = `${strict.url.replace("http://", `http://${user}@`)}/a.git`;
      const { message } = await t.throwsAsync(read(url, soon()), { message: /could not read Password/ });
      t.notRegex(message, /ghp/);
    }

    const abort = new AbortController();
    const look = t.throwsAsync(read(`${silent.url}/a.git`, abort.signal), { message: /it takes too long/ });
    await answers.promise;
    abort.abort();
    await look;
    const { host } = new URL(silent.url);
    await eventually("what git has started is gone", () => {
      const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
      return !stdout.split("\n").some((line) => line.includes(host));
    });
  },
);
