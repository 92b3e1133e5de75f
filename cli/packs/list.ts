import { lockFileOf, readLock } from "../../policies/pack/lock.ts";
import { createPackFolder } from "../../policies/pack/pack-folder.ts";
import { parsePolicyName } from "../../policies/pack/pack-name.ts";
import { type FolderOptions, findGatewayPacks } from "./gateway-packs.ts";
import { describePackGrants } from "./grant-lines.ts";

export async function listPacks(options: FolderOptions): Promise<void> {
  const { policiesDir, rules } = await findGatewayPacks(options);
  const { packs } = await readLock(lockFileOf(policiesDir));
  const { sources } = await createPackFolder(policiesDir, rules).find();
  const lines = Object.entries(packs).flatMap(([name, { version, source, signer, policies, granted }]) => {
    const owner = Object.keys(rules.keys).find((key) => rules.keys[key] === signer) ?? signer;
    const grants = describePackGrants(name, granted);
    return [
      `${name} ${version}`,
      `  from       ${source}`,
      `  signed by  ${owner ?? "nobody"}`,
      `  policies   ${policies.join(", ")}`,
      `  may        ${grants.length === 0 ? "nothing beyond its own messages" : grants.join("; ")}`,
    ];
  });
  const loose = sources.filter(({ name }) => packs[parsePolicyName(name)!.pack] === undefined);
  for (const { name, file } of loose)
    lines.push(`${name}   of ${file}, which policies.lock.json does not name`);
  process.stdout.write(`${lines.length === 0 ? "There are no packs." : lines.join("\n")}\n`);
}
