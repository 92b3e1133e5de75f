import type { WireKey as KeyInfo } from "../../wire/subtle-texts.ts";

const TOKEN = {};
let infoOf!: (key: unknown) => KeyInfo | undefined;

/** What a policy holds of a key; the key itself is out of its reach unless it is extractable. */
export class CryptoKey {
  readonly #info: KeyInfo;
  readonly #isExtractable: boolean;

  static {
    infoOf = (key) => (typeof key === "object" && key !== null && #info in key ? key.#info : undefined);
  }

  constructor(key: unknown, info: KeyInfo, isExtractable: boolean) {
    if (key !== TOKEN) throw new TypeError("Illegal constructor: use crypto.subtle.importKey or generateKey");
    this.#info = info;
    this.#isExtractable = isExtractable;
    Object.freeze(this);
  }

  get type(): string {
    return this.#info.type;
  }

  get extractable(): boolean {
    return this.#isExtractable;
  }

  get algorithm(): object {
    const { publicExponent, ...rest } = this.#info.algorithm;
    return publicExponent
      ? { ...rest, publicExponent: Uint8Array.from(publicExponent as number[]) }
      : { ...rest };
  }

  get usages(): string[] {
    return [...this.#info.usages];
  }

  get [Symbol.toStringTag](): string {
    return "CryptoKey";
  }
}

export function makeKey(info: KeyInfo, isExtractable: boolean): CryptoKey {
  return new CryptoKey(TOKEN, info, isExtractable || info.type === "public");
}

/** @throws TypeError when it is no key of ours */
export function materialOf(what: string, key: unknown): string {
  const info = infoOf(key);
  if (!info) throw new TypeError(`crypto.subtle.${what}: expected a CryptoKey`);
  return info.material;
}
