import { decodeText } from "./text.ts";

/** Read the list anew from a URL's query, without telling the URL. */
export let parseQuery: (params: URLSearchParams, query: string) => void;

type Pair = [name: string, value: string];

/** The WHATWG class. A URL passes `onChange`, its query follows the list. */
export class URLSearchParams {
  #pairs: Pair[] = [];
  readonly #onChange: ((query: string) => void) | undefined;

  constructor(init: unknown = "", onChange?: (query: string) => void) {
    this.#onChange = typeof onChange === "function" ? onChange : undefined;
    if (typeof init !== "object" || init === null) this.#pairs = parsePairs(String(init));
    else if (Symbol.iterator in init) {
      for (const pair of init as Iterable<Iterable<unknown>>) {
        const [name, value, ...rest] = [...pair];
        if (value === undefined || rest.length > 0)
          throw new TypeError("URLSearchParams: expected [name, value] pairs");
        this.#pairs.push([String(name), String(value)]);
      }
    } else for (const [name, value] of Object.entries(init)) this.#pairs.push([name, String(value)]);
  }

  static {
    parseQuery = (params, query) => {
      params.#pairs = parsePairs(query);
    };
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: unknown, value: unknown): void {
    this.#pairs.push([String(name), String(value)]);
    this.#changed();
  }

  delete(name: unknown, value?: unknown): void {
    this.#pairs = this.#pairs.filter((pair) => !matches(pair, name, value));
    this.#changed();
  }

  get(name: unknown): string | null {
    return this.#pairs.find((pair) => matches(pair, name))?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    return this.#pairs.filter((pair) => matches(pair, name)).map((pair) => pair[1]);
  }

  has(name: unknown, value?: unknown): boolean {
    return this.#pairs.some((pair) => matches(pair, name, value));
  }

  set(name: unknown, value: unknown): void {
    const first = this.#pairs.findIndex((pair) => matches(pair, name));
    if (first < 0) this.#pairs.push([String(name), String(value)]);
    else {
      this.#pairs = this.#pairs.filter((pair, index) => index <= first || !matches(pair, name));
      this.#pairs[first] = [String(name), String(value)];
    }
    this.#changed();
  }

  sort(): void {
    this.#pairs = this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#changed();
  }

  forEach(visit: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this.#pairs) visit.call(self, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }

  *keys(): Generator<string> {
    for (const [name] of this.#pairs) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.#pairs) yield value;
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }

  toString(): string {
    return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
  }

  #changed(): void {
    this.#onChange?.(this.toString());
  }
}

function matches([name, value]: Pair, wantedName: unknown, wantedValue?: unknown): boolean {
  return name === String(wantedName) && (wantedValue === undefined || value === String(wantedValue));
}

function parsePairs(query: string): Pair[] {
  const pairs: Pair[] = [];
  for (const part of query.replace(/^\?/, "").split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    pairs.push([decode(name), equals < 0 ? "" : decode(part.slice(equals + 1))]);
  }
  return pairs;
}

/** application/x-www-form-urlencoded: a space is "+", and only `*-._` and alphanumerics stay as they are. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, "+");
}

function decode(text: string): string {
  return text.replace(/\+/g, " ").replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = run.slice(1).split("%");
    return decodeText(Uint8Array.from(bytes, (hex) => Number.parseInt(hex, 16)));
  });
}
