import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { TEMPLATES } from "../../cli/init/template-choice.ts";
import { runCli } from "../cli/process.ts";
import { makeFolder } from "../config/folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("every template, in a folder that npm init -y was in: check is content, and its tests pass", async (t) => {
  const dir = await makeFolder(t, {
    "package.json": '{ "name": "mine", "version": "1.0.0", "type": "commonjs" }',
    // The library as it is installed, but for its being this checkout.
    "node_modules/framegate/package.json": '{ "exports": { "./testing": "./checkout/testing/index.ts" } }',
  });
  await symlink(root, join(dir, "node_modules/framegate/checkout"));
  await symlink(join(root, "node_modules/graphql"), join(dir, "node_modules/graphql"));
  t.timeout(120_000);
  for (const { name, policy } of TEMPLATES) {
    const target = join(dir, name);
    await mkdir(target);
    await writeFile(join(target, "package.json"), '{ "type": "commonjs" }');
    const { stdout } = await runCli(t, ["init", "--template", name], target);
    t.regex(stdout, new RegExp(`Then edit policies/${policy}\\.ts`), name);
    const checked = await runCli(t, ["check"], target);
    t.regex(`${checked.stdout}${checked.stderr}`, /^\d policies are fine|^1 policy is fine/, name);
  }
  const { stdout, exitCode } = await runCli(t, ["test", "."], dir);
  t.regex(stdout, /pass 17\n.*fail 0/);
  t.is(exitCode, 0);
});
