import { join } from "node:path";
import test from "ava";
import { findOwnPolicies } from "../../policies/own-packs.ts";
import { OWN_POLICIES, suggestPolicy } from "../../policies/pack/missing-policy.ts";
import { namesOfPack } from "../../scripts/own-options.ts";
import { policyText, startReloading } from "./reload/reloading.ts";
import { makeFolder, writeFiles } from "./temporary-folder.ts";

test("names of the packs that come with the gateway are files of their folders, and no others are", async (t) => {
  const dir = await makeFolder(t, {
    "standard/jwt.ts": "",
    "standard/_shared.ts": "",
    "standard/jwt.test.ts": "",
    "standard/deep/down.ts": "",
    "xml/limits.ts": "",
    "lenses/index.ts": "",
  });
  const names = ["jwt", "none", "_shared", "jwt.test", "deep/down", "../jwt"].map(
    (name) => `@framegate/standard/${name}`,
  );
  const others = ["jwt", "@acme/standard/jwt", "@framegate/lenses/index", "@framegate/xml/jwt"];
  t.deepEqual(await findOwnPolicies([...names, names[0]!, ...others, "@framegate/xml/limits"], dir), [
    { name: "@framegate/standard/jwt", file: join(dir, "standard/jwt.ts") },
    { name: "@framegate/xml/limits", file: join(dir, "xml/limits.ts") },
  ]);
});

test("what is said that the packs have is what their folders hold", (t) => {
  for (const [pack, policies] of Object.entries(OWN_POLICIES)) {
    const folder = pack.slice(pack.indexOf("/") + 1);
    t.deepEqual(
      policies.map((policy) => `${folder}/${policy}`),
      namesOfPack(folder),
    );
  }
});

test("a name that is none: the nearest file of the folder, then the nearest policy of a pack", (t) => {
  const known = ["auth", "deep/orders", "@acme/guard/mask"];
  for (const [name, near] of [
    ["auht", "auth"],
    ["deep/order", "deep/orders"],
    ["jwtt", "@framegate/standard/jwt"],
    ["jwt", "@framegate/standard/jwt"],
    ["msak", "@acme/guard/mask"],
    ["@framegate/standard/jtw", "@framegate/standard/jwt"],
    ["@framegate/standrad/jwt", "@framegate/standard/jwt"],
    ["@framegate/xml/limit", "@framegate/xml/limits"],
    ["@acme/guard/maks", "@acme/guard/mask"],
    ["@framegate/standard/something", undefined],
    ["@else/where/jwt", undefined],
    ["zzz", undefined],
  ] as const)
    t.is(suggestPolicy(name, known), near, name);
});

test("a standard policy is loaded when a route names it, also the route of a policy, at the start and later", async (t) => {
  const ownDir = await makeFolder(t, {
    "standard/jwt.ts": policyText(1),
    "standard/redact.ts": policyText(1),
    "standard/audit.ts": policyText(1),
  });
  const dir = await makeFolder(t, { "orders.ts": policyText("@framegate/standard/redact") });
  const used = ["@framegate/standard/jwt"];
  const running = await startReloading(t, dir, {
    ownDir,
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
