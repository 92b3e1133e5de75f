import type { Command } from "commander";

/** The commands of who brings policies to gateways by a registry. */
export function addSourceCommands(program: Command): void {
  withRegistry(program.command("push"))
    .description(
      "Put policies, or a pack, into an OCI registry: checks them first, and prints their digests.",
    )
    .argument("<artifact>", "where to, such as oci://registry.example.com/team/policies:stable")
    .argument("[dir]", "the folder that holds the folder of the policies; or that of a pack", ".")
    .option("--policies <name>", "name of the folder of the policies in it (default: policies)")
    .option(
      "-c, --config <file>",
      "take along what this config says of routes, for gateways with source.config",
    )
    .option(
      "--with-secrets",
      "also where variables of this machine stand in the config for what looks like a secret",
    )
    .option("--key <file>", "sign it with this private key, as `framegate pack keygen` writes it")
    .option("--revision <text>", "what it was made of, such as a commit, for people")
    .addHelpText("after", REGISTRY_HELP)
    .action(async (artifact, dir, options) => (await import("./push.ts")).push(artifact, dir, options));

  withRegistry(program.command("pull"))
    .description("Write what is in an OCI registry into a folder, and say who has signed it.")
    .argument("<artifact>", "where from, such as oci://registry.example.com/team/policies:stable")
    .argument("[dir]", "the folder; made if it is not there, else it must be empty", ".")
    .option("--signer <key>", "take it only if this public key has signed it: ed25519:…")
    .addHelpText("after", REGISTRY_HELP)
    .action(async (artifact, dir, options) => (await import("./pull.ts")).pull(artifact, dir, options));
}

export function withRegistry(command: Command): Command {
  return command.option("--plain-http", "without TLS, also when the registry is not on this machine");
}

const REGISTRY_HELP = `
Who asks is known by FRAMEGATE_REGISTRY_USER and FRAMEGATE_REGISTRY_TOKEN where the registry is FRAMEGATE_REGISTRY
(its host and port), or by \`docker login\`.`;
