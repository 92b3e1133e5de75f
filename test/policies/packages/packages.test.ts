import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { bundlePolicy } from "../../../policies/bundle/bundler.ts";
import { root } from "../../docs/documents.ts";
import { shareSandbox } from "../../sandbox/shared-sandbox.ts";
import { bodyOf } from "../../sandbox/support.ts";
import { makeFolder, writeFiles } from "../temporary-folder.ts";
import { catalogue } from "./catalogue.ts";
import type { PackageCase } from "./package-case.ts";
import { HEADING, renderTable } from "./table.ts";

const useSandbox = shareSandbox({ limits: { messageTimeoutMs: 5000, asyncTimeoutMs: 10_000 } });

/** Each call's value, or the text of its error. */
const policyOf = ({ imports, calls }: PackageCase) => `// @ts-nocheck
${imports}
const calls = [${calls.map(([expression]) => `async () => ${expression}`)}];
const run = (call) => call().catch((error) => String(error));
export const client = async () => ({ content: { body: await Promise.all(calls.map(run)) } });
`;

for (const each of catalogue) {
  test(`${each.name}: ${each.use}`, async (t) => {
    const folder = await makeFolder(t);
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFiles(folder, { "policy.js": policyOf(each), ...each.files?.() });
    const name = each.name.replace(/\W/g, "-");
    const { sandbox, seat } = await useSandbox();
    const bundle = await bundlePolicy({ name, file: join(folder, "policy.js") });
    (await sandbox.prepare(bundle)).commit();
    const values = bodyOf(await seat(name).client({})) as readonly unknown[];
    for (const [i, [expression, value]] of each.calls.entries()) t.deepEqual(values[i], value, expression);
  });
}

test("docs/packages.md has all of them, in the versions that are tested", async (t) => {
  const page = await readFile(join(root, "docs/packages.md"), "utf8");
  t.is(page.split(HEADING)[1], await renderTable(), "run `node scripts/write-packages.ts`");
});
