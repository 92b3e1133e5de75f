import { ASK_KIND } from "../../wire/ask-texts.ts";
import type { WireKey as KeyInfo, WireSubtle, WireSubtleAnswer } from "../../wire/subtle-texts.ts";
import { type Asks, namedError } from "../asks.ts";
import { type CryptoKey, makeKey, materialOf } from "./crypto-key.ts";
import { viewBytes } from "./text.ts";

type Fields = Readonly<Record<string, unknown>>;

const BYTE_FIELDS = ["iv", "additionalData", "label", "salt", "info", "publicExponent", "counter"] as const;
const NUMBER_FIELDS = ["modulusLength", "saltLength", "tagLength", "length", "iterations"] as const;

/** `crypto.subtle` but for `digest`: the host computes, with keys that come and go with each call. */
export function createSubtle(asks: Asks): object {
  async function call(
    what: WireSubtle["op"],
    fill: (bytes: ByteList) => Omit<WireSubtle, "op" | "parts">,
  ): Promise<{ answer: WireSubtleAnswer; binary: Uint8Array<ArrayBuffer> }> {
    const bytes = createByteList(what);
    const fields = fill(bytes);
    const text = JSON.stringify({ op: what, ...fields, parts: bytes.lengths } satisfies WireSubtle);
    const { answer } = asks.ask(`crypto.subtle.${what}`, ASK_KIND.subtle, text, bytes.join());
    const got = await answer;
    return { answer: JSON.parse(got.text), binary: got.binary ?? new Uint8Array(0) };
  }

  function readAlgorithm(what: string, algorithm: unknown, bytes: ByteList): object {
    if (typeof algorithm === "string") return { name: algorithm };
    if (typeof algorithm !== "object" || algorithm === null) {
      throw new TypeError(`crypto.subtle.${what}: expected an algorithm, by name or as an object`);
    }
    const from = algorithm as Fields;
    const read: Record<string, unknown> = { name: String(from.name) };
    const { hash, namedCurve, public: peer } = from;
    if (hash !== undefined)
      read.hash = String(typeof hash === "object" ? (hash as Fields | null)?.name : hash);
    if (namedCurve !== undefined) read.namedCurve = String(namedCurve);
    if (peer !== undefined) read.public = materialOf(what, peer);
    for (const name of NUMBER_FIELDS) {
      const value = from[name];
      if (value !== undefined) read[name] = Number(value);
    }
    for (const name of BYTE_FIELDS) {
      const value = from[name];
      if (value !== undefined) read[name] = { part: bytes.add(value) };
    }
    return read;
  }

  const run = (op: "sign" | "encrypt" | "decrypt") =>
    ({
      async [op](algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
        const { binary } = await call(op, (bytes) => ({
          algorithm: readAlgorithm(op, algorithm, bytes),
          key: materialOf(op, key),
          data: bytes.add(data),
        }));
        return binary.buffer;
      },
    })[op];

  async function deriveBits(algorithm: unknown, key: unknown, length: unknown = null): Promise<ArrayBuffer> {
    const { binary } = await call("deriveBits", (bytes) => ({
      algorithm: readAlgorithm("deriveBits", algorithm, bytes),
      key: materialOf("deriveBits", key),
      length: length === null ? null : Number(length),
    }));
    return binary.buffer;
  }

  async function importKey(
    format: unknown,
    data: unknown,
    algorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    const { answer } = await call("importKey", (bytes) => ({
      format: String(format),
      ...(format === "jwk" ? { jwk: readJwk(data) } : { data: bytes.add(data) }),
      algorithm: readAlgorithm("importKey", algorithm, bytes),
      usages: readUsages("importKey", usages),
    }));
    return makeKey(answer.key as KeyInfo, Boolean(extractable));
  }

  return {
    sign: run("sign"),
    encrypt: run("encrypt"),
    decrypt: run("decrypt"),
    deriveBits,
    importKey,

    async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
      const { answer } = await call("verify", (bytes) => ({
        algorithm: readAlgorithm("verify", algorithm, bytes),
        key: materialOf("verify", key),
        signature: bytes.add(signature),
        data: bytes.add(data),
      }));
      return answer.isValid === true;
    },

    async generateKey(algorithm: unknown, extractable: unknown, usages: unknown): Promise<object> {
      const { answer } = await call("generateKey", (bytes) => ({
        algorithm: readAlgorithm("generateKey", algorithm, bytes),
        usages: readUsages("generateKey", usages),
      }));
      if (answer.key) return makeKey(answer.key, Boolean(extractable));
      const { publicKey, privateKey } = answer.pair as { publicKey: KeyInfo; privateKey: KeyInfo };
      return { publicKey: makeKey(publicKey, true), privateKey: makeKey(privateKey, Boolean(extractable)) };
    },

    async exportKey(format: unknown, key: unknown): Promise<unknown> {
      const material = materialOf("exportKey", key);
      if (!(key as CryptoKey).extractable) {
        throw namedError("InvalidAccessError", "crypto.subtle.exportKey: the key is not extractable");
      }
      const { answer, binary } = await call("exportKey", () => ({ format: String(format), key: material }));
      return answer.jwk ?? binary.buffer;
    },
  };
}

interface ByteList {
  readonly lengths: readonly number[];
  /** @returns its position */
  add(bytes: unknown): number;
  join(): Uint8Array | undefined;
}

function createByteList(what: string): ByteList {
  const parts: Uint8Array[] = [];
  const lengths: number[] = [];
  return {
    lengths,
    add(bytes) {
      const part = viewBytes(bytes, `crypto.subtle.${what}`);
      lengths.push(part.length);
      return parts.push(part) - 1;
    },
    join() {
      if (parts.length === 0) return undefined;
      const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    },
  };
}

function readJwk(jwk: unknown): Readonly<Record<string, unknown>> {
  if (typeof jwk !== "object" || jwk === null)
    throw new TypeError("crypto.subtle.importKey: expected a JWK object");
  const { kty, k, crv, x, y, d, n, e, p, q, dp, dq, qi } = jwk as Record<string, unknown>;
  return { kty, k, crv, x, y, d, n, e, p, q, dp, dq, qi };
}

function readUsages(what: string, usages: unknown): readonly string[] {
  if (!Array.isArray(usages)) throw new TypeError(`crypto.subtle.${what}: expected a list of usages`);
  return usages.map(String);
}
