import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { parseBounded } from "../../sandbox/bounded-json.ts";
import { messageOf, PoliciesError } from "../error.ts";
import { PACK_JSON, type PackManifest } from "./manifest.ts";

/** The file `framegate.pack.sig`. */
interface SignatureFile {
  readonly algorithm: "ed25519";
  /** `ed25519:` and base64. Whether to trust it is the config's word. */
  readonly publicKey: string;
  readonly keyId: string;
  /** Base64, over `signedText`. */
  readonly signature: string;
}

export interface Signer {
  /** `ed25519:` and base64. */
  readonly publicKey: string;
  /** First 16 hex digits of the SHA-256 of the raw public key. */
  readonly keyId: string;
}

/** DER before the 32 bytes of an Ed25519 public key (RFC 8410). */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** `ed25519:` with base64, base64 alone, or PEM. Throws an Error that says what was expected. */
export function readPublicKey(text: string): Signer & { readonly key: KeyObject } {
  const trimmed = text.trim();
  const key = trimmed.startsWith("-----")
    ? createPublicKey(trimmed)
    : fromRaw(trimmed.replace(/^ed25519:/, ""));
  if (key.asymmetricKeyType !== "ed25519") throw new Error("expected an Ed25519 public key");
  const raw = key.export({ type: "spki", format: "der" }).subarray(spkiPrefix.length);
  return {
    key,
    publicKey: `ed25519:${raw.toString("base64")}`,
    keyId: createHash("sha256").update(raw).digest("hex").slice(0, 16),
  };
}

export function makeKeys(): Signer & { readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signer = readPublicKey(publicKey.export({ type: "spki", format: "pem" }) as string);
  return {
    publicKey: signer.publicKey,
    keyId: signer.keyId,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

/** @param privateKey PEM. Throws a PoliciesError (`ERR_PACK_SIGNATURE`) when it is none of Ed25519. */
export function signManifest(manifest: PackManifest, privateKey: string): string {
  const { keyId, publicKey, signature } = signText(signedText(manifest), privateKey);
  const file: SignatureFile = { algorithm: "ed25519", keyId, publicKey, signature };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** @returns base64. Throws a PoliciesError (`ERR_PACK_SIGNATURE`) when the key is none of Ed25519 in PEM. */
export function signText(text: string, privateKey: string): Signer & { readonly signature: string } {
  const key = readPrivateKey(privateKey);
  const { publicKey, keyId } = readPublicKey(
    createPublicKey(key).export({ type: "spki", format: "pem" }) as string,
  );
  return { keyId, publicKey, signature: sign(null, Buffer.from(text), key).toString("base64") };
}

/** Who signed it. Throws a PoliciesError (`ERR_PACK_SIGNATURE`) when that is not true. */
export function verifySignature(manifest: PackManifest, text: string): Signer {
  const { name, version } = manifest;
  try {
    return readSignature(text, () => signedText(manifest)).signer;
  } catch (cause) {
    const message = `the signature of ${name} ${version} is wrong: ${messageOf(cause)}`;
    throw new PoliciesError("ERR_PACK_SIGNATURE", message, { cause });
  }
}

/**
 * A file that signs something, and who has signed. Throws an Error that says what is wrong.
 *
 * @param textOf what it must have signed, by what else the file says
 */
export function readSignature(
  text: string,
  textOf: (fields: Readonly<Record<string, unknown>>) => string,
): { readonly signer: Signer; readonly fields: Readonly<Record<string, unknown>> } {
  const fields = Object(parseBounded(text, PACK_JSON)) as Readonly<Record<string, unknown>>;
  const { key, publicKey, keyId } = readPublicKey(String(fields.publicKey));
  if (fields.algorithm !== "ed25519" || fields.keyId !== keyId)
    throw new Error("its fields contradict each other");
  const signature = Buffer.from(String(fields.signature), "base64");
  if (!verify(null, Buffer.from(textOf(fields)), key, signature)) {
    throw new Error("it was made for something else, or by another key");
  }
  return { signer: { publicKey, keyId }, fields };
}

/** The digest stands for all of the manifest; name and version are there for who reads it. */
function signedText({ name, version, digest }: PackManifest): string {
  return `framegate pack 1\n${name}\n${version}\n${digest}\n`;
}

function fromRaw(base64: string): KeyObject {
  const raw = Buffer.from(base64, "base64");
  if (raw.length !== 32 || !/^[A-Za-z0-9+/]{43}=$/.test(base64)) {
    throw new Error('expected an Ed25519 public key: "ed25519:" and 44 characters of base64, or PEM');
  }
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" });
}

function readPrivateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== "ed25519") throw new Error(`it is of ${key.asymmetricKeyType}`);
    return key;
  } catch (cause) {
    const message = `expected a private key of Ed25519 in PEM, as \`framegate pack keygen\` writes it: ${messageOf(cause)}`;
    throw new PoliciesError("ERR_PACK_SIGNATURE", message, { cause });
  }
}
