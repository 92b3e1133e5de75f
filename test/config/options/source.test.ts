import { join } from "node:path";
import test from "ava";
import { loadConfig } from "../../../cli/gateway-options.ts";
import { resolveConfig } from "../../../core/config/index.ts";
import { makeFolder } from "../folder.ts";
import { problemsOf } from "../problems.ts";

const resolve = (source: object, others: object = {}) =>
  resolveConfig({ source, ...others } as never, { dir: "/etc/gate" });

test("a source gets every default, and the policies are those of the version that runs", (t) => {
  const { source, policiesDir } = resolve({ folder: "incoming" });
  t.deepEqual(source, {
    from: { kind: "folder", folder: "/etc/gate/incoming" },
    ...{
      path: "",
      require: "none",
      everyMs: 30_000,
      timeoutMs: 30_000,
      plainHttp: false,
      config: false,
      keep: 5,
    },
    dir: "/etc/gate/.framegate",
  });
  t.is(policiesDir, "/etc/gate/.framegate/active/policies");
  t.is(resolve({ folder: "a" }, { policies: "." }).policiesDir, "/etc/gate/.framegate/active");
  t.is(resolve({ folder: "a", path: "./eu/" }).source?.path, "eu");
});

test("each kind of source, as it is asked", (t) => {
  const from = (source: object) => resolve(source).source?.from;
  t.deepEqual(from({ git: "git@git.example.com:team/a.git", ref: "v1" }), {
    ...{ kind: "git", url: "git@git.example.com:team/a.git", ref: "v1" },
  });
  t.like(from({ git: "https://anna@git.example.com/a.git" }), { ref: "HEAD" });
  const reference = (oci: string) => (from({ oci }) as { readonly reference?: unknown }).reference;
  const team = { host: "registry.example.com:5000", repository: "team/a" };
  t.deepEqual(reference("oci://registry.example.com:5000/team/a:1.0"), { ...team, version: "1.0" });
  t.deepEqual(reference("registry.example.com:5000/team/a"), { ...team, version: "latest" });
  const digest = `sha256:${"a".repeat(64)}`;
  t.deepEqual(reference(`oci://registry.example.com:5000/team/a:1.0@${digest}`), {
    ...team,
    version: digest,
  });
});

test("with `config: true` the command line reads what the version says that ran last; without it does not", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.json": JSON.stringify({
      source: { folder: "in", config: true },
      drain: { code: 1012 },
    }),
    "own.json": JSON.stringify({ source: { folder: "in" } }),
    ".framegate/active/framegate.config.json": JSON.stringify({
      routes: [{ path: "/v", upstream: "ws://a" }],
    }),
  });
  const config = await loadConfig({ config: join(dir, "framegate.config.json") });
  t.deepEqual(
    config.routes.map(({ path }) => path),
    ["/v"],
  );
  t.is(config.drain.code, 1012);
  t.deepEqual((await loadConfig({ config: join(dir, "own.json") })).routes, []);
});

const wrong: readonly (readonly [source: object, message: RegExp, others?: object])[] = [
  [{}, /source: expected one of folder, http, git, oci/],
  [{ folder: "a", http: "https://a/" }, /source: expected one of folder, http, git, oci/],
  [{ http: "https://anna:secret@a/" }, /source.http: expected an http or https URL without a user/],
  [{ http: "file:///etc/passwd" }, /source.http: expected an http or https URL/],
  [{ git: "ext::sh -c id" }, /source.git: expected the URL of a repository/],
  [{ git: "--upload-pack=id" }, /source.git: expected the URL of a repository/],
  [{ git: "https://anna:secret@a/b.git" }, /source.git: expected the URL of a repository without a password/],
  [{ git: "https://a/b.git", ref: "--all" }, /source.ref: expected a branch, a tag or a commit/],
  [{ folder: "a", ref: "main" }, /source.ref: expected `git` beside it/],
  [{ oci: "oci://a/../b" }, /source.oci: expected a registry, a repository and a tag or digest/],
  [{ oci: "oci://a/B:1" }, /source.oci: expected a registry/],
  [{ oci: "oci://user@a/b" }, /source.oci: expected a registry/],
  [{ folder: "a", path: "../b" }, /source.path: expected a folder in it/],
  [{ folder: "a", path: "/b" }, /source.path: expected a folder in it/],
  [{ folder: "a", lock: "sha256:1" }, /source.lock: expected "sha256:" and 64 hexadecimal digits/],
  [{ folder: "a", token: "T" }, /source.token: expected the name of one of secrets \(none\), got "T"/],
  [
    { folder: "a", hook: "T" },
    /source.hook: expected the name of one of secrets \(S\)/,
    { secrets: { S: { env: "S" } } },
  ],
  [{ folder: "a", require: "signed" }, /source.require: expected a key .* below packs.keys/],
  [{ folder: "a" }, /policies: expected a folder of the source/, { policies: "../policies" }],
  [{ folder: "a" }, /policies: expected a folder of the source/, { policies: "/policies" }],
];

for (const [source, message, others = {}] of wrong) {
  test(`problem: ${JSON.stringify({ source, ...others })}`, (t) => {
    const problems = problemsOf(t, () => resolve(source, others));
    t.regex(problems.map(({ path, message: text }) => `${path}: ${text}`).join("\n"), message);
  });
}
