/** The parts that make up the product: in these an exported name means one thing. */
export const PRODUCT = ["sandbox", "policies", "runtime", "testing", "core", "cli", "console"];

export const PARTS = [...PRODUCT, "scripts", "bench", "test"];

/** More positional parameters than these nobody keeps apart at the call. */
export const MOST_PARAMETERS = 4;

/** Functions whose parameters others have settled. */
export const FOREIGN_SIGNATURES: Readonly<Record<string, string>> = {
  "SubtleCrypto.importKey": "Web Crypto has it so",
  importKey: "Web Crypto has it so",
};

/** A folder with more files than these hides what it is made of. */
export const MOST_FILES = 24;

/** Where constants have the one style; what a test calls its values is its own affair. */
export const STYLED = [...PRODUCT, "scripts", "bench"];

/** Names that others ask for: those may stand in several files, and are spelt as they ask. */
export const CONVENTIONAL_NAMES: Readonly<Record<string, string>> = {
  upgrade: "a hook of a policy",
  client: "a hook of a policy",
  server: "a hook of a policy",
  optionsSchema: "what a policy says of its options",
  capabilities: "what a policy asks for",
  when: "which messages a policy's hooks are for",
};
