import { join } from "node:path";
import test from "ava";
import { findStandardPolicies } from "../../policies/standard-pack.ts";
import { policyText, startReloading } from "./reload/reloading.ts";
import { makeFolder, writeFiles } from "./temporary-folder.ts";

test("names of the standard pack are files of its folder, and no others are", async (t) => {
  const dir = await makeFolder(t, { "jwt.ts": "", "_shared.ts": "", "jwt.test.ts": "", "deep/down.ts": "" });
  const names = ["jwt", "none", "_shared", "jwt.test", "deep/down", "../jwt"].map(
    (name) => `@framegate/standard/${name}`,
  );
  t.deepEqual(await findStandardPolicies([...names, names[0]!, "jwt", "@acme/standard/jwt"], dir), [
    { name: "@framegate/standard/jwt", file: join(dir, "jwt.ts") },
  ]);
});

test("a standard policy is loaded when a route names it, also the route of a policy, at the start and later", async (t) => {
  const standardDir = await makeFolder(t, {
    "jwt.ts": policyText(1),
    "redact.ts": policyText(1),
    "audit.ts": policyText(1),
  });
  const dir = await makeFolder(t, { "orders.ts": policyText("@framegate/standard/redact") });
  const used = ["@framegate/standard/jwt"];
  const running = await startReloading(t, dir, {
    standardDir,
    // What these policies export as `route` stands for the names that it lists.
    usedBy: (policies) => [...used, ...policies.map(({ current }) => String(current?.exports.route))],
  });
  const names = () => running.snapshots.at(-1)!.policies.map(({ name }) => name);
  t.deepEqual(names(), ["@framegate/standard/jwt", "@framegate/standard/redact", "orders"]);

  await writeFiles(dir, { "bills.ts": policyText("@framegate/standard/audit") });
  await running.until(() => running.state("@framegate/standard/audit")?.current !== undefined, "the third");
  used.length = 0;
  await running.reloader.reload();
  await running.until(
    () => running.state("@framegate/standard/jwt")?.deleted === true,
    "the end of the first",
  );
});
