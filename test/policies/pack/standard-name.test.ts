import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { readArchive } from "../../../policies/pack/archive.ts";
import { openCandidate } from "../../../policies/pack/install.ts";
import { parseManifest, sealManifest } from "../../../policies/pack/manifest.ts";
import { policyText, startReloading } from "../reload/reloading.ts";
import { makeFolder } from "../temporary-folder.ts";
import { archive, makePack } from "./packing.ts";

test("no pack can call itself the gateway's own", async (t) => {
  const bytes = await makeImpostor(t);
  await t.throwsAsync(openCandidate({ bytes, source: "a.tgz" }), {
    code: "ERR_PACK_FORMAT",
    message: /gateway's own/,
  });
  t.true((await readArchive(bytes, "a.tgz")).size > 0);

  const dir = await makeFolder(t, { "own.ts": policyText(1) });
  const ownDir = await makeFolder(t, { "standard/jwt.ts": policyText("the gateway's") });
  const used = ["@framegate/standard/jwt", "@framegate/standard/other"];
  await writeFile(join(dir, "a.tgz"), bytes);
  const running = await startReloading(t, dir, { ownDir, usedBy: () => used });
  t.is(running.version("@framegate/standard/jwt"), "the gateway's");
  t.is(running.state("@framegate/standard/other"), undefined);
});

/** As an author could make it who does not use our tools. */
async function makeImpostor(t: Parameters<typeof makePack>[0]): Promise<Buffer> {
  const files = await makePack(t, {
    policies: { jwt: "export const client = () => {};", other: "export const client = () => {};" },
  });
  const built = parseManifest(Buffer.from(files.get("framegate.pack.json")!).toString(), "the pack");
  const { format: _format, digest: _digest, ...content } = built;
  const manifest = sealManifest({ ...content, name: "@framegate/standard" });
  files.delete("package.json");
  files.set("framegate.pack.json", Buffer.from(JSON.stringify(manifest)));
  return archive(files);
}
