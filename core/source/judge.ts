import { readSignature, signText } from "../../policies/pack/signature.ts";
import { nameKeys, nameSigner } from "../../policies/pack/trust.ts";
import { SourceError } from "./errors.ts";
import type { VersionSignature } from "./version.ts";

/** Which versions are believed. */
export interface SourceRules {
  readonly require: "signed" | "none";
  /** Names and public keys, as `ed25519:` and base64. */
  readonly keys: Readonly<Record<string, string>>;
  /** Digest of the only version that is; absent: any. */
  readonly lock?: string;
}

export interface SignedVersion {
  readonly digest: string;
  /** Files that claim to sign it. */
  readonly signatures: readonly string[];
}

/**
 * Who answers for a version; undefined: nobody, and nobody has to. Throws a SourceError for one that must not be taken. A
 * signature that is wrong is refused whatever `require` says.
 *
 * @param running of the version that runs: nobody is to bring back one that was signed earlier
 */
export function judgeVersion(
  { digest, signatures }: SignedVersion,
  { require, keys, lock }: SourceRules,
  running: VersionSignature | undefined,
): VersionSignature | undefined {
  if (lock !== undefined && lock !== digest) {
    const message = `it is ${digest}, and \`source.lock\` is ${lock}: change the lock, or put back what it names`;
    throw new SourceError("ERR_SOURCE_LOCK", message);
  }
  const signers = signersOf({ digest, signatures });
  const trusted = signers
    .filter(({ publicKey }) => Object.values(keys).includes(publicKey))
    .sort((a, b) => b.signedAt - a.signedAt)[0];
  if (require === "signed" && trusted === undefined) {
    const found = signers.map((signer) => `signed by ${nameSigner(signer, { keys })}`).join(", ");
    const way =
      found === ""
        ? "sign it as it is pushed, `framegate push --key FILE`; what `framegate pull` writes has the signature with it"
        : "if that key is to be believed, put it into `packs.keys`";
    const message = `it is ${found || "not signed"}, and \`source.require\` is "signed": expected one of \`packs.keys\`, ${nameKeys(keys)}; ${way}`;
    throw new SourceError("ERR_SOURCE_SIGNATURE", message);
  }
  if (require === "signed" && running !== undefined && trusted!.signedAt < running.signedAt) {
    const [then, now] = [trusted!, running].map(({ signedAt }) => new Date(signedAt).toISOString());
    const message = `it was signed at ${then}, before the version that runs (${now}): to go back to it, sign it anew`;
    throw new SourceError("ERR_SOURCE_LOCK", message);
  }
  return trusted;
}

/** The file `framegate.source.sig`. @param key PEM, as `framegate pack keygen` writes it */
export function signDigest(digest: string, signedAt: number, key: string): string {
  const time = new Date(signedAt).toISOString();
  const { signature, ...signer } = signText(signedText(digest, time), key);
  return `${JSON.stringify({ algorithm: "ed25519", ...signer, signedAt: time, signature }, undefined, 2)}\n`;
}

/** Throws a SourceError where one of its signatures is wrong. */
export function signersOf({ digest, signatures }: SignedVersion): readonly VersionSignature[] {
  return signatures.map((text) => readSourceSignature(digest, text));
}

function readSourceSignature(digest: string, text: string): VersionSignature {
  try {
    const { signer, fields } = readSignature(text, ({ signedAt }) => signedText(digest, String(signedAt)));
    const signedAt = Date.parse(String(fields.signedAt));
    if (Number.isNaN(signedAt)) throw new Error("expected `signedAt` to be a time");
    return { ...signer, signedAt };
  } catch (cause) {
    const message = `its signature is wrong: ${(cause as Error).message}`;
    throw new SourceError("ERR_SOURCE_SIGNATURE", message, { cause });
  }
}

function signedText(digest: string, time: string): string {
  return `framegate source 1\n${digest}\n${time}\n`;
}
