import type { Command } from "commander";

/** The commands of those who make packs, and of those who use them. */
export function addPackCommands(program: Command, readVersion: () => string): void {
  addUseCommands(program);
  const pack = program
    .command("pack")
    .description("Make a pack of policies that others can add.")
    .helpCommand(false)
    .addHelpText("after", PACK_EXAMPLES);

  pack
    .command("init")
    .description("Write a pack to start from: a policy, its test, package.json.")
    .argument("[dir]", "the folder; made if it is not there", ".")
    .option("--name <name>", "the pack's name, with its scope, such as @acme/guard")
    .action(async (dir, options) => (await import("./packs/init.ts")).initPack(dir, options, readVersion()));

  pack
    .command("build")
    .description("Bundle the policies, load them in the sandbox, and write the manifest.")
    .argument("[dir]", "the pack's folder", ".")
    .action(async (dir) => (await import("./packs/build.ts")).buildInto(dir));

  pack
    .command("check")
    .description("Check types, imports, sizes and the manifest, and run the tests; writes nothing.")
    .argument("[dir]", "the pack's folder", ".")
    .action(async (dir) => (await import("./packs/check.ts")).checkPack(dir));

  pack
    .command("sign")
    .description("Sign the manifest of the last build.")
    .argument("[dir]", "the pack's folder", ".")
    .requiredOption("--key <file>", "the private key, as keygen writes it")
    .action(async (dir, options) => (await import("./packs/sign.ts")).signPack(dir, options));

  pack
    .command("keygen")
    .description("Make a key pair (Ed25519): the private one into a file, the public one is printed.")
    .requiredOption("--out <file>", "the file for the private key; never overwritten")
    .action(async (options) => (await import("./packs/sign.ts")).makeKeyFile(options));
}

function addUseCommands(program: Command): void {
  withFolder(program.command("add"))
    .description("Add a pack: shows what it asks for, asks, unpacks it and writes policies.lock.json.")
    .argument("<pack>", "a name with or without a version, a .tgz file, a folder, a git URL or oci://…")
    .option("--plain-http", "of oci://…: without TLS, also when the registry is not on this machine")
    .option("-y, --yes", "agree to what it asks for; without a terminal nothing is added otherwise")
    .action(async (spec, options) => (await import("./packs/add.ts")).addPack(spec, options));

  withFolder(program.command("remove"))
    .description("Remove a pack and its line in policies.lock.json; asks when routes use it.")
    .argument("<name>", "the pack's name")
    .option("-y, --yes", "remove it also when routes use it; without a terminal it stays otherwise")
    .action(async (name, options) => (await import("./packs/remove.ts")).removeOne(name, options));

  withFolder(program.command("update"))
    .description("Fetch packs anew from where they came; asks when one asks for more than before.")
    .argument("[name]", "the pack's name; all of them without it")
    .option("--plain-http", "of oci://…: without TLS, also when the registry is not on this machine")
    .option(
      "-y, --yes",
      "agree to what it asks for; without a terminal no update that asks for more is made otherwise",
    )
    .action(async (name, options) => (await import("./packs/add.ts")).updatePacks(name, options));

  withFolder(program.command("list"))
    .description("List the packs with what they may do, and who signed them.")
    .action(async (options) => (await import("./packs/list.ts")).listPacks(options));

  withFolder(program.command("verify"))
    .description("Compare every installed file with policies.lock.json.")
    .action(async (options) => (await import("./packs/verify.ts")).verifyPacks(options));
}

function withFolder(command: Command): Command {
  return command
    .option("-c, --config <file>", "the config file (default: framegate.config.* here)")
    .option("--policies <dir>", "folder of the policies, without a config file");
}

const PACK_EXAMPLES = `
Examples:
  framegate pack init guard --name @acme/guard
  framegate pack check && framegate pack build
  framegate pack keygen --out ../acme.pem
  framegate pack sign --key ../acme.pem`;
