import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MANIFEST_FILE, parseManifest, SIGNATURE_FILE } from "../../policies/pack/manifest.ts";
import { makeKeys, signManifest, verifySignature } from "../../policies/pack/signature.ts";
import { CliError } from "../errors.ts";

export async function signPack(dir: string, { key }: { readonly key: string }): Promise<void> {
  const file = join(resolve(dir), MANIFEST_FILE);
  const text = await readFile(file, "utf8").catch(() => {
    throw new CliError("ERR_CLI_PATH", `There is no ${file}. Make it with \`framegate pack build\`.`);
  });
  const manifest = parseManifest(text, file);
  const privateKey = await readFile(key, "utf8").catch(() => {
    throw new CliError(
      "ERR_CLI_PATH",
      `The key ${resolve(key)} cannot be read. Make one with \`framegate pack keygen\`.`,
    );
  });
  const signature = signManifest(manifest, privateKey);
  await writeFile(join(resolve(dir), SIGNATURE_FILE), signature);
  const { publicKey } = verifySignature(manifest, signature);
  process.stdout.write(`Signed ${manifest.name} ${manifest.version} with ${publicKey}\n`);
}

export async function makeKeyFile({ out }: { readonly out: string }): Promise<void> {
  const { privateKey, publicKey, keyId } = makeKeys();
  try {
    await writeFile(out, privateKey, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CliError(
      "ERR_CLI_PATH",
      `${resolve(out)} is there already. Nothing was written: name another file.`,
    );
  }
  process.stdout.write(
    `Wrote the private key to ${out}: keep it secret.\nPublic key, for \`packs.keys\` of those who trust you (id ${keyId}):\n${publicKey}\n`,
  );
}
