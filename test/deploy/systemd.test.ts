import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { startCli, startProcess } from "../cli/process.ts";
import { makeFolder } from "../config/folder.ts";
import { root } from "../docs/documents.ts";
import { eventually } from "../support/eventually.ts";
import { writeConfig } from "../support/gateways/gateway-process.ts";
import { has } from "../support/needs.ts";

const run = promisify(execFile);
const UNIT = "deploy/systemd/framegate.service";

test("the unit is one of systemd's, and as exposed as deploy/README.md says", async (t) => {
  if (!has(t, "systemd-analyze")) return;
  // Programs and users of the unit need not be here.
  const { stderr } = await run("systemd-analyze", ["verify", join(root, UNIT)]).catch((error) => error);
  t.notRegex(stderr, /Unknown|ignoring|Failed to parse|Invalid/i);
  const [, figure = ""] =
    /exposure level[^\d]*is ([\d.]+)/.exec(await readFile(join(root, "deploy/README.md"), "utf8")) ?? [];
  const threshold = `--threshold=${Number(figure) * 10}`;
  const { stdout } = await run("systemd-analyze", [
    "security",
    "--offline=true",
    threshold,
    join(root, UNIT),
  ]);
  t.regex(stdout, new RegExp(`Overall exposure level for framegate.service: ${figure} `));
});

test("a service manager is told when connections are accepted, and that it stops", async (t) => {
  if (!has(t, "systemd-analyze", "socat")) return;
  const dir = await makeFolder(t, {});
  const path = join(dir, "notify");
  const manager = startProcess(t, "socat", ["-u", `UNIX-RECV:${path},unlink-early=0`, "-"]);
  await eventually("the manager listens", async () => (await run("ls", [dir])).stdout.includes("notify"));
  t.teardown(() => delete process.env.NOTIFY_SOCKET);
  process.env.NOTIFY_SOCKET = path;
  const gateway = startCli(t, ["start"], await writeConfig(t, { routes: [], workers: 0 }));
  await manager.output(/READY=1/);
  gateway.process.kill("SIGTERM");
  await manager.output(/STOPPING=1/);
  t.is((await gateway.ended).exitCode, 0);
});
