import { webcrypto } from "node:crypto";
import type { WireKey, WireSubtle, WireSubtleAnswer } from "../wire/subtle-texts.ts";
import type { Line } from "./turns.ts";

/**
 * `crypto.subtle` for policies, with Node's own. No key stays here: each call brings the material of its key, which the
 * guest keeps out of the policy's reach. So keys outlive nothing but their isolate, and cannot pile up.
 */
export interface SubtleAnswer {
  readonly text: string;
  readonly binary?: Uint8Array;
}

export type SubtleRunner = (
  text: string,
  binary: Uint8Array | undefined,
  deadline: number,
) => Promise<SubtleAnswer>;

type Key = webcrypto.CryptoKey;
type Algorithm = Record<string, unknown> & { readonly name: string };

interface Material {
  readonly format: "jwk" | "raw";
  readonly jwk?: object;
  readonly raw?: string;
  readonly algorithm: Algorithm;
  readonly usages: readonly string[];
}

const MAX_KEPT_KEYS = 256;
const MAX_MATERIAL = 32_768;
const MAX_MODULUS_BITS = 4096;
const MAX_ITERATIONS = 1_000_000;
/** Bytes that `generateKey` and `deriveBits` may be asked for. */
const MAX_LENGTH_BITS = 65_536;
const NAMES = [
  ...["HMAC", "RSASSA-PKCS1-v1_5", "RSA-PSS", "RSA-OAEP", "ECDSA", "ECDH", "Ed25519", "X25519"],
  ...["AES-GCM", "AES-CBC", "AES-CTR", "HKDF", "PBKDF2"],
];
const NOT_EXPORTABLE = ["HKDF", "PBKDF2"];

const { subtle } = webcrypto;

/**
 * For one policy: what it keeps is its own.
 *
 * @param line what takes long has one thread of the pool, where the policies take turns, and does not begin late
 */
export function createSubtleRunner(line: Line): SubtleRunner {
  /** By material, those used last at the end. */
  const keys = new Map<string, Promise<Key>>();

  function keyOf(material: string): Promise<Key> {
    const kept = keys.get(material);
    if (kept) keys.delete(material);
    const key = kept ?? importMaterial(material);
    keys.set(material, key);
    if (keys.size > MAX_KEPT_KEYS) keys.delete(keys.keys().next().value as string);
    if (!kept) key.catch(() => keys.delete(material));
    return key;
  }

  return async (text, binary, deadline) => {
    const wire: WireSubtle = JSON.parse(text);
    const bytes = cutParts(wire.parts, binary ?? new Uint8Array(0));
    const algorithm = wire.algorithm && (await readAlgorithm(wire.algorithm as Algorithm, bytes, keyOf));
    const data = () => bytes(wire.data);
    const key = () => keyOf(String(wire.key));
    switch (wire.op) {
      case "sign":
        return ofBytes(await subtle.sign(algorithm as never, await key(), data()));
      case "verify": {
        const isValid = await subtle.verify(algorithm as never, await key(), bytes(wire.signature), data());
        return ofValue({ isValid });
      }
      case "encrypt":
        return ofBytes(await subtle.encrypt(algorithm as never, await key(), data()));
      case "decrypt":
        return ofBytes(await subtle.decrypt(algorithm as never, await key(), data()));
      case "deriveBits": {
        const own = await key();
        if ((wire.length ?? 0) > MAX_LENGTH_BITS)
          throw failure("OperationError", `more than ${MAX_LENGTH_BITS} bits`);
        const derive = () => subtle.deriveBits(algorithm as never, own, wire.length as number);
        return ofBytes(await (algorithm?.name === "PBKDF2" ? line(deadline, derive, tooMuch) : derive()));
      }
      case "importKey": {
        const usages = wire.usages as webcrypto.KeyUsage[];
        const from = wire.format === "jwk" ? wire.jwk : data();
        const isExtractable = !NOT_EXPORTABLE.includes(algorithm?.name ?? "");
        const imported = await subtle.importKey(
          wire.format as "raw",
          from as Uint8Array,
          algorithm as never,
          isExtractable,
          usages,
        );
        return ofValue({ key: await describeKey(imported, from) });
      }
      case "generateKey": {
        const usages = wire.usages as webcrypto.KeyUsage[];
        const generate = () =>
          subtle.generateKey(algorithm as never, true, usages) as unknown as Promise<object>;
        const made = await (algorithm?.name.startsWith("RSA")
          ? line(deadline, generate, tooMuch)
          : generate());
        if (!("publicKey" in made)) return ofValue({ key: await describeKey(made as Key) });
        const { publicKey, privateKey } = made as webcrypto.CryptoKeyPair;
        return ofValue({
          pair: { publicKey: await describeKey(publicKey), privateKey: await describeKey(privateKey) },
        });
      }
      case "exportKey": {
        const exported = await subtle.exportKey(wire.format as "raw", await key());
        return wire.format === "jwk" ? ofValue({ jwk: exported }) : ofBytes(exported);
      }
      default:
        throw failure("NotSupportedError", "there is no such operation");
    }
  };
}

function cutParts(
  lengths: readonly number[],
  binary: Uint8Array,
): (part: unknown) => Uint8Array<ArrayBuffer> {
  return (part) => {
    const index = lengths[part as number] === undefined ? -1 : (part as number);
    if (index < 0) throw failure("TypeError", "expected bytes");
    const start = lengths.slice(0, index).reduce((sum, length) => sum + length, 0);
    return binary.slice(start, start + (lengths[index] as number));
  };
}

async function readAlgorithm(
  wire: Algorithm,
  bytes: (part: unknown) => Uint8Array,
  keyOf: (material: string) => Promise<Key>,
): Promise<Algorithm> {
  const name = NAMES.find((known) => known.toUpperCase() === wire.name.toUpperCase());
  if (!name)
    throw failure(
      "NotSupportedError",
      `expected one of ${NAMES.join(", ")}, got "${wire.name.slice(0, 60)}"`,
    );
  const { modulusLength = 0, iterations = 0, length = 0 } = wire as { [key: string]: unknown };
  if ((modulusLength as number) > MAX_MODULUS_BITS)
    throw failure("OperationError", `expected \`modulusLength\` to be at most ${MAX_MODULUS_BITS}`);
  if ((iterations as number) > MAX_ITERATIONS)
    throw failure("OperationError", `expected \`iterations\` to be at most ${MAX_ITERATIONS}`);
  if ((length as number) > MAX_LENGTH_BITS)
    throw failure("OperationError", `expected \`length\` to be at most ${MAX_LENGTH_BITS}`);
  const read: Record<string, unknown> & { name: string } = { ...wire, name };
  for (const [field, value] of Object.entries(wire)) {
    if (typeof value === "object" && value !== null) read[field] = bytes((value as { part?: unknown }).part);
  }
  if (typeof wire.public === "string") read.public = await keyOf(wire.public);
  return read;
}

async function describeKey(key: Key, from?: unknown): Promise<WireKey> {
  const { type, usages } = key;
  const { publicExponent, ...rest } = key.algorithm as unknown as Algorithm & { publicExponent?: Uint8Array };
  if (((rest.modulusLength as number | undefined) ?? 0) > MAX_MODULUS_BITS)
    throw failure(
      "DataError",
      `expected an RSA key of at most ${MAX_MODULUS_BITS} bits, got ${rest.modulusLength}`,
    );
  const own = NOT_EXPORTABLE.includes(rest.name)
    ? { format: "raw" as const, raw: Buffer.from(from as Uint8Array).toString("base64") }
    : { format: "jwk" as const, jwk: await subtle.exportKey("jwk", key) };
  const material = JSON.stringify({ ...own, algorithm: rest, usages } satisfies Material);
  if (material.length > MAX_MATERIAL) throw failure("DataError", "the key is too large");
  const algorithm = publicExponent ? { ...rest, publicExponent: [...publicExponent] } : rest;
  return { material, type, usages, algorithm };
}

async function importMaterial(text: string): Promise<Key> {
  if (text.length > MAX_MATERIAL) throw failure("DataError", "the key is too large");
  const { format, jwk, raw, algorithm, usages } = JSON.parse(text) as Material;
  const data = format === "jwk" ? jwk : Buffer.from(String(raw), "base64");
  return subtle.importKey(format as "raw", data as Uint8Array, algorithm as never, format === "jwk", [
    ...usages,
  ] as webcrypto.KeyUsage[]);
}

function ofBytes(bytes: ArrayBuffer | object): SubtleAnswer {
  return { text: "{}", binary: new Uint8Array(bytes as ArrayBuffer) };
}

function ofValue(value: WireSubtleAnswer): SubtleAnswer {
  return { text: JSON.stringify(value) };
}

function tooMuch(): Error {
  return failure("TimeoutError", "there was too much to compute before it");
}

function failure(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
