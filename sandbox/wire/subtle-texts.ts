/** The texts of asks and answers of the kind `subtle`, as JSON. */

/** What a policy asks of `crypto.subtle`. Bytes are named by their position in `parts`, the lengths of the binary's. */
export interface WireSubtle {
  readonly op:
    | "importKey"
    | "exportKey"
    | "generateKey"
    | "sign"
    | "verify"
    | "encrypt"
    | "decrypt"
    | "deriveBits";
  /** Fields that are bytes as `{ part }`, keys as their material. */
  readonly algorithm?: object;
  /** Material of the key, as the host gave it. */
  readonly key?: string;
  readonly format?: string;
  readonly jwk?: Readonly<Record<string, unknown>>;
  readonly data?: number;
  readonly signature?: number;
  readonly usages?: readonly string[];
  /** Of `deriveBits`; null: all. */
  readonly length?: number | null;
  readonly parts: readonly number[];
}

export interface WireKey {
  readonly material: string;
  readonly type: "public" | "private" | "secret";
  readonly algorithm: Readonly<Record<string, unknown>>;
  readonly usages: readonly string[];
}

/** Bytes are the answer's binary. */
export interface WireSubtleAnswer {
  readonly key?: WireKey;
  readonly pair?: { readonly publicKey: WireKey; readonly privateKey: WireKey };
  readonly isValid?: boolean;
  readonly jwk?: object;
}
