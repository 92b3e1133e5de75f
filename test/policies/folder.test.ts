import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { PoliciesError } from "../../policies/error.ts";
import { findPolicies } from "../../policies/folder.ts";
import { makeFolder } from "./temporary-folder.ts";

test("policies are the scripts of a folder and its sub-folders, sorted by name", async (t) => {
  const dir = await makeFolder(t, {
    "zeta.ts": "",
    "auth.mts": "",
    "billing/audit.js": "",
    "billing/deep/x.mjs": "",
    "a.b.ts": "",
    "types.d.ts": "",
    "types.d.mts": "",
    "auth.test.ts": "",
    "auth.spec.js": "",
    "notes.md": "",
    "data.json": "",
    ".hidden.ts": "",
    "_shared.ts": "",
    "_lib/x.ts": "",
    ".git/x.ts": "",
    "node_modules/x/index.js": "",
  });
  t.deepEqual(await findPolicies(dir), [
    { name: "a.b", file: join(dir, "a.b.ts") },
    { name: "auth", file: join(dir, "auth.mts") },
    { name: "billing/audit", file: join(dir, "billing/audit.js") },
    { name: "billing/deep/x", file: join(dir, "billing/deep/x.mjs") },
    { name: "zeta", file: join(dir, "zeta.ts") },
  ]);
});

test("a folder that is not there holds no policies", async (t) => {
  t.deepEqual(await findPolicies(join(await makeFolder(t), "none")), []);
});

test("links are followed; one to a folder above, or to nothing, ends there", async (t) => {
  const root = await makeFolder(t, { "real/auth.ts": "", "policies/a.ts": "" });
  await symlink(join(root, "real"), join(root, "policies/linked"));
  await symlink(join(root, "policies"), join(root, "real/loop"));
  await symlink(join(root, "gone.ts"), join(root, "policies/gone.ts"));
  const found = await findPolicies(join(root, "policies"));
  t.deepEqual(
    found.map(({ name }) => name),
    ["a", "linked/auth"],
  );
});

test("two files of one name are an error that names both", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": "", "auth.js": "" });
  const error = await t.throwsAsync(findPolicies(dir), {
    instanceOf: PoliciesError,
    code: "ERR_POLICY_FOLDER",
  });
  t.true(error.message.includes(join(dir, "auth.ts")));
  t.true(error.message.includes(join(dir, "auth.js")));
  t.true(error.message.includes('the policy "auth"'));
});

test("a folder that cannot be read is an error that names it", async (t) => {
  const root = await makeFolder(t, { "policies.ts": "", "locked/auth.ts": "" });
  const notAFolder = join(root, "policies.ts");
  const error = await t.throwsAsync(findPolicies(notAFolder), { code: "ERR_POLICY_FOLDER" });
  t.true(error.message.startsWith(`the policy folder ${notAFolder} cannot be read: `));

  // Root may read everything, so there the mode proves nothing.
  if (process.getuid?.() === 0) return;
  await chmod(join(root, "locked"), 0);
  await t.throwsAsync(findPolicies(root), {
    code: "ERR_POLICY_FOLDER",
    message: /locked cannot be read: EACCES/,
  });
  await chmod(join(root, "locked"), 0o755);
});
