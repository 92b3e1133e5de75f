import { removePack } from "../../policies/pack/install.ts";
import { lockFileOf, readLock } from "../../policies/pack/lock.ts";
import { listInstalled } from "../../policies/pack/pack-folder.ts";
import { isPackName } from "../../policies/pack/pack-name.ts";
import { CliError } from "../errors.ts";
import { type FolderOptions, findGatewayPacks } from "./gateway-packs.ts";

export async function removeOne(name: string, options: FolderOptions): Promise<void> {
  const { policiesDir } = await findGatewayPacks(options);
  const { packs } = await readLock(lockFileOf(policiesDir));
  const known = new Set([...Object.keys(packs), ...(await listInstalled(policiesDir))]);
  if (!isPackName(name) || !known.has(name)) {
    const message = `There is no pack "${name}" (${[...known].join(", ") || "there is none"}).`;
    throw new CliError("ERR_CLI_PATH", message);
  }
  await removePack(policiesDir, name);
  process.stdout.write(
    `Removed ${name}. Routes that name its policies refuse connections after the next start.\n`,
  );
}
