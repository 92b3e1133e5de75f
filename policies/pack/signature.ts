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
  const key = readPrivateKey(privateKey);
  const { publicKey, keyId } = readPublicKey(
    createPublicKey(key).export({ type: "spki", format: "pem" }) as string,
  );
  const signature = sign(null, signedText(manifest), key).toString("base64");
  const file: SignatureFile = { algorithm: "ed25519", keyId, publicKey, signature };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** Who signed it. Throws a PoliciesError (`ERR_PACK_SIGNATURE`) when that is not true. */
export function verifySignature(manifest: PackManifest, text: string): Signer {
  const { name, version } = manifest;
  try {
    const file = parseBounded(text, PACK_JSON) as SignatureFile;
    const { key, publicKey, keyId } = readPublicKey(String(file.publicKey));
    if (file.algorithm !== "ed25519" || file.keyId !== keyId)
      throw new Error("its fields contradict each other");
    if (!verify(null, signedText(manifest), key, Buffer.from(String(file.signature), "base64"))) {
      throw new Error("it was made for something else, or by another key");
    }
    return { publicKey, keyId };
  } catch (cause) {
    const message = `the signature of ${name} ${version} is wrong: ${messageOf(cause)}`;
    throw new PoliciesError("ERR_PACK_SIGNATURE", message, { cause });
  }
}

/** The digest stands for all of the manifest; name and version are there for who reads it. */
function signedText({ name, version, digest }: PackManifest): Buffer {
  return Buffer.from(`framegate pack 1\n${name}\n${version}\n${digest}\n`);
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
