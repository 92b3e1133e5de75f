import { verifyInstalled } from "../../policies/pack/install.ts";
import { lockFileOf, readLock } from "../../policies/pack/lock.ts";
import { CliError } from "../errors.ts";
import { type FolderOptions, findGatewayPacks } from "./gateway-packs.ts";

/** Prints what is wrong; rejects when there is anything. */
export async function verifyPacks(options: FolderOptions): Promise<void> {
  const { policiesDir, rules } = await findGatewayPacks(options);
  const problems = await verifyInstalled(policiesDir, rules);
  if (problems.length > 0) {
    process.stdout.write(`${problems.join("\n")}\n`);
    throw new CliError("ERR_CLI_PROBLEMS", "Packs are not what policies.lock.json names.");
  }
  const { packs } = await readLock(lockFileOf(policiesDir));
  const names = Object.entries(packs).map(([name, { version }]) => `${name} ${version}`);
  process.stdout.write(names.length === 0 ? "There are no packs.\n" : `As locked: ${names.join(", ")}\n`);
}
