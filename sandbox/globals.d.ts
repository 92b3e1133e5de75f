/**
 * What a policy finds in its sandbox besides the language itself: web standards, and of these only what is listed here.
 * A policy folder's own tsconfig names this file (`framegate/sandbox-globals`) with `"types": []` and `"lib": ["es2024"]`.
 */

interface Console {
  debug(...values: unknown[]): void;
  error(...values: unknown[]): void;
  info(...values: unknown[]): void;
  log(...values: unknown[]): void;
  warn(...values: unknown[]): void;
}
/** Lines come out in the gateway's log with policy, route and session, rate-limited. */
declare var console: Console;

interface URL {
  hash: string;
  host: string;
  hostname: string;
  href: string;
  readonly origin: string;
  password: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
  readonly searchParams: URLSearchParams;
  username: string;
  toString(): string;
  toJSON(): string;
}
declare var URL: {
  prototype: URL;
  new (url: string | URL, base?: string | URL): URL;
  canParse(url: string | URL, base?: string | URL): boolean;
  parse(url: string | URL, base?: string | URL): URL | null;
};

interface URLSearchParams extends Iterable<[name: string, value: string]> {
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  entries(): IterableIterator<[name: string, value: string]>;
  forEach(visit: (value: string, name: string, params: URLSearchParams) => void): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  keys(): IterableIterator<string>;
  set(name: string, value: string): void;
  sort(): void;
  toString(): string;
  values(): IterableIterator<string>;
}
declare var URLSearchParams: {
  prototype: URLSearchParams;
  new (
    init?: string | URLSearchParams | Iterable<readonly [string, string]> | Readonly<Record<string, string>>,
  ): URLSearchParams;
};

interface TextEncoder {
  readonly encoding: string;
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(input: string, destination: Uint8Array): { read: number; written: number };
}
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder };

interface TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { readonly stream?: boolean }): string;
}
/** UTF-8 only. */
declare var TextDecoder: {
  prototype: TextDecoder;
  new (
    label?: "utf-8" | "utf8",
    options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean },
  ): TextDecoder;
};

declare function atob(base64: string): string;
declare function btoa(binary: string): string;
declare function structuredClone<T>(value: T): T;
declare function queueMicrotask(run: () => void): void;

interface Crypto {
  /** At most 65,536 bytes. */
  getRandomValues<T extends SandboxIntegerArray>(array: T): T;
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
  readonly subtle: SubtleCrypto;
}

type SandboxBytes = ArrayBuffer | ArrayBufferView;

/** HMAC, RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP, ECDSA, ECDH, Ed25519, X25519, AES-GCM, AES-CBC, AES-CTR, HKDF, PBKDF2. */
interface SubtleCrypto {
  digest(
    algorithm: SandboxDigest | { readonly name: SandboxDigest },
    data: SandboxBytes,
  ): Promise<ArrayBuffer>;
  sign(algorithm: AlgorithmIdentifier, key: CryptoKey, data: SandboxBytes): Promise<ArrayBuffer>;
  verify(
    algorithm: AlgorithmIdentifier,
    key: CryptoKey,
    signature: SandboxBytes,
    data: SandboxBytes,
  ): Promise<boolean>;
  encrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: SandboxBytes): Promise<ArrayBuffer>;
  decrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: SandboxBytes): Promise<ArrayBuffer>;
  deriveBits(algorithm: AlgorithmIdentifier, key: CryptoKey, length?: number | null): Promise<ArrayBuffer>;
  importKey(
    format: "jwk",
    data: object,
    algorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: readonly KeyUsage[],
  ): Promise<CryptoKey>;
  importKey(
    format: "raw" | "pkcs8" | "spki",
    data: SandboxBytes,
    algorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: readonly KeyUsage[],
  ): Promise<CryptoKey>;
  exportKey(format: "jwk", key: CryptoKey): Promise<Record<string, unknown>>;
  exportKey(format: "raw" | "pkcs8" | "spki", key: CryptoKey): Promise<ArrayBuffer>;
  generateKey(
    algorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: readonly KeyUsage[],
  ): Promise<CryptoKey | CryptoKeyPair>;
}

type AlgorithmIdentifier = string | { readonly name: string; readonly [parameter: string]: unknown };
type KeyUsage =
  | "sign"
  | "verify"
  | "encrypt"
  | "decrypt"
  | "deriveBits"
  | "deriveKey"
  | "wrapKey"
  | "unwrapKey";

interface CryptoKeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

interface CryptoKey {
  readonly type: "public" | "private" | "secret";
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string; readonly [parameter: string]: unknown };
  readonly usages: KeyUsage[];
}
declare var CryptoKey: { prototype: CryptoKey };
declare var crypto: Crypto;

type SandboxDigest = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
type SandboxIntegerArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Needs a grant of `fetch`. The whole answer has come when it settles. */
declare function fetch(url: string | URL, options?: RequestInit): Promise<Response>;

interface RequestInit {
  readonly method?: string;
  readonly headers?: Headers | Readonly<Record<string, string>> | Iterable<readonly [string, string]>;
  readonly body?: string | ArrayBuffer | ArrayBufferView | URLSearchParams | null;
  readonly redirect?: "follow" | "error" | "manual";
  readonly signal?: AbortSignal | null;
}

interface Response {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly redirected: boolean;
  readonly headers: Headers;
  readonly bodyUsed: boolean;
  text(): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: as in the web's own types
  json(): Promise<any>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface Headers extends Iterable<[name: string, value: string]> {
  append(name: string, value: string): void;
  delete(name: string): void;
  entries(): IterableIterator<[name: string, value: string]>;
  forEach(visit: (value: string, name: string, headers: Headers) => void): void;
  get(name: string): string | null;
  has(name: string): boolean;
  keys(): IterableIterator<string>;
  set(name: string, value: string): void;
  values(): IterableIterator<string>;
}
declare var Headers: {
  prototype: Headers;
  new (init?: RequestInit["headers"] | null): Headers;
};

/** In hooks only. Ends with the time of the hook, and when no hook of the policy waits any more. */
declare function setTimeout<Args extends unknown[]>(
  run: (...args: Args) => void,
  ms?: number,
  ...args: Args
): number;
declare function clearTimeout(id: number | undefined): void;

interface AbortSignal {
  readonly aborted: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as in the web's own types
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(
    type: "abort",
    run: (event: { readonly type: "abort" }) => void,
    options?: { readonly once?: boolean },
  ): void;
  removeEventListener(type: "abort", run: (event: { readonly type: "abort" }) => void): void;
}
declare var AbortSignal: {
  prototype: AbortSignal;
  abort(reason?: unknown): AbortSignal;
  timeout(ms: number): AbortSignal;
  any(signals: Iterable<AbortSignal>): AbortSignal;
};

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: { prototype: AbortController; new (): AbortController };
