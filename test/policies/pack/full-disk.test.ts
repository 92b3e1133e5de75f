import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { installPack, verifyInstalled } from "../../../policies/pack/install.ts";
import { lockFileOf } from "../../../policies/pack/lock.ts";
import { DEFAULT_RULES } from "../../../policies/pack/trust.ts";
import { limitFiles, onFullDisk } from "../../support/file-limit.ts";
import { makeFolder } from "../temporary-folder.ts";
import { makeCandidate } from "./packing.ts";

onFullDisk(
  "an update for which there is no room, at whatever step, leaves everything as it was",
  async (t) => {
    const root = await makeFolder(t);
    const dir = join(root, "policies");
    const policies = { auth: "export const client = () => {};" };
    await installPack(dir, await makeCandidate(t, { version: "1.0.0", policies }));
    // Its lock is larger than any of its files.
    const next = { ...(await makeCandidate(t, { version: "1.1.0", policies })), source: "x".repeat(100_000) };
    const look = async () => ({
      files: (await readdir(root, { recursive: true })).sort(),
      lock: await readFile(lockFileOf(dir), "utf8"),
    });
    const before = await look();
    t.teardown(() => limitFiles("unlimited"));
    for (const bytes of [0, 50, 200, 1000, 20_000]) {
      t.true(limitFiles(String(bytes)));
      await t.throwsAsync(installPack(dir, next), {
        code: "ERR_PACK_WRITE",
        message: /^@acme\/guard 1\.1\.0 could not be written to .*EFBIG.* Everything is as it was/,
      });
      t.true(limitFiles("unlimited"));
      t.deepEqual(await look(), before);
      t.deepEqual(await verifyInstalled(dir, DEFAULT_RULES), []);
    }
    await installPack(dir, next);
    t.deepEqual(await verifyInstalled(dir, DEFAULT_RULES), []);
    t.true((await look()).lock.includes("1.1.0"));
  },
);
