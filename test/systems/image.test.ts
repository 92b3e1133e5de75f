import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { eventually } from "../support/eventually.ts";
import { has } from "../support/needs.ts";
import { connectClient } from "../support/peers/peers.ts";

const run = promisify(execFile);
const container = fileURLToPath(new URL("../../deploy/container", import.meta.url));
const IMAGE = "localhost/framegate:tested";
const NAME = "framegate-tested";

const CONFIG = `
listen: [{ socket: /run/framegate/gateway.sock }]
console: { port: 9090, token: false }
sandbox: { os: require, warmSpare: false }
workers: 1
kv: { url: "redis://127.0.0.1:1" }
routes: [{ path: "/*", upstream: "ws://127.0.0.1:1", policies: [greet] }]
`;
const GREET = `export const client = ({ content }) => ({ content: { body: "a policy saw " + content.body } });`;

test("the image: small, not root, nothing to write to, walls around policies, a health check, and a drain", async (t) => {
  if (!has(t, "buildah", "podman", "runc")) return;
  const dir = await makeFolder(t, {
    "storage.conf": "",
    "etc/framegate.config.yaml": CONFIG,
    "etc/policies/greet.ts": GREET,
  });
  // What others on this machine keep of images is not ours to touch.
  await writeFile(
    join(dir, "storage.conf"),
    `[storage]\ndriver = "overlay"\ngraphroot = "${dir}/graph"\nrunroot = "${dir}/run"\n`,
  );
  await mkdir(join(dir, "socket"));
  await chmod(join(dir, "socket"), 0o777);
  const env = { ...process.env, CONTAINERS_STORAGE_CONF: join(dir, "storage.conf") };
  const podman = (...args: readonly string[]) =>
    run("podman", ["--cgroup-manager=cgroupfs", "--runtime", "runc", ...args], { env });
  t.teardown(() => podman("rm", "--all", "--force", "--time", "0").then(() => podman("unmount", "--all")));

  await run(join(container, "build.sh"), ["--tag", IMAGE], { env });
  const [{ Size, Config }] = JSON.parse((await podman("image", "inspect", IMAGE)).stdout);
  t.true(Size < 300e6, `${Size} bytes`);
  t.is(Config.User, "65532:65532");
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  t.is(Config.Labels["org.opencontainers.image.version"], version);
  const profile = await run(process.execPath, [join(container, "seccomp.mjs")]);
  await writeFile(join(dir, "seccomp.json"), profile.stdout);

  const limits = ["--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp", "--cap-drop", "ALL"];
  const rights = ["no-new-privileges", `seccomp=${dir}/seccomp.json`].flatMap((each) => [
    "--security-opt",
    each,
  ]);
  // What a machine without systemd, and whose containers have no more rights than this test, can do.
  const machine = ["--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"];
  const folders = [`${dir}/etc:/etc/framegate:ro`, `${dir}/socket:/run/framegate`].flatMap((each) => [
    "-v",
    each,
  ]);
  await podman(
    "run",
    "--detach",
    "--name",
    NAME,
    ...limits,
    ...rights,
    ...machine,
    ...folders,
    IMAGE,
    "start",
    "--echo",
  );
  const log = async () => (await podman("logs", NAME)).stdout;
  await eventually("the gateway is ready", async () => (await log()).includes("gateway ready"));
  t.regex((await podman("healthcheck", "run", NAME).catch((error) => error)).stdout ?? "", /^$/);
  t.is((await podman("exec", NAME, "framegate", "health", "--ready")).stdout, "ready\n");
  // A package in CommonJS is found in it.
  t.regex(await log(), /no connection to Redis/);

  const client = await connectClient(t, `ws+unix:${dir}/socket/gateway.sock:/`);
  client.send("this");
  t.is(await client.next(), "a policy saw this");
  const processes = (await podman("top", NAME, "user", "capeff", "args")).stdout;
  t.false(/^root/m.test(processes), processes);
  t.regex(processes, /bwrap --unshare-user/);
  t.is(processes.match(/\bnone\b/g)?.length, processes.trim().split("\n").length - 1, processes);
  await t.throwsAsync(podman("exec", NAME, "sh", "-c", "echo > /opt/framegate/x"), {
    message: /Read-only file system/,
  });

  const stopping = podman("stop", "--time", "20", NAME);
  t.is((await client.closed).code, 1001);
  await stopping;
  t.is((await podman("inspect", NAME, "--format", "{{.State.ExitCode}}")).stdout, "0\n");
});
