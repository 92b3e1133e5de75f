import { removePack } from "../../policies/pack/install.ts";
import { lockFileOf, readLock } from "../../policies/pack/lock.ts";
import { listInstalled } from "../../policies/pack/pack-folder.ts";
import { isPackName } from "../../policies/pack/pack-name.ts";
import { requireConsent } from "../consent.ts";
import { CliError } from "../errors.ts";
import { type FolderOptions, findGatewayPacks } from "./gateway-packs.ts";
import { listUses } from "./uses.ts";

interface RemoveOptions extends FolderOptions {
  readonly yes?: boolean;
}

/** What routes use goes when somebody agrees to that. */
export async function removeOne(name: string, options: RemoveOptions): Promise<void> {
  const packs = await findGatewayPacks(options);
  const { policiesDir } = packs;
  const { packs: locked } = await readLock(lockFileOf(policiesDir));
  const known = new Set([...Object.keys(locked), ...(await listInstalled(policiesDir))]);
  if (!isPackName(name) || !known.has(name)) {
    const message = `There is no pack "${name}" (${[...known].join(", ") || "there is none"}).`;
    throw new CliError("ERR_CLI_PATH", message);
  }
  const uses = await listUses(name, packs);
  if (uses.length > 0) {
    const lines = uses.map((line) => `  ${line}`).join("\n");
    process.stdout.write(
      `${name} is used:\n${lines}\nA gateway that runs goes on with what it has; after its next start these routes refuse connections.\n`,
    );
    await requireConsent("Remove it?", options.yes === true);
  }
  await removePack(policiesDir, name);
  process.stdout.write(`Removed ${name}.\n`);
}
