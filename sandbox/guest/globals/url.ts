import { parseQuery, URLSearchParams } from "./url-search-params.ts";

/**
 * The host's own URL parser: one crossing a parse, strings only. Gives the parts of the URL as JSON, or undefined when
 * it is not one. With `part`, that part of `href` is set to `value` first.
 */
export type UrlParser = (href: string, base?: string, part?: string, value?: string) => string | undefined;

type Part =
  | "href"
  | "protocol"
  | "username"
  | "password"
  | "host"
  | "hostname"
  | "port"
  | "pathname"
  | "search"
  | "hash";
type Parts = Readonly<Record<Part | "origin", string>>;

export function createUrlClass(parse: UrlParser) {
  const parseParts = (url: unknown, base: unknown): Parts | undefined => {
    const json = parse(String(url), base === undefined ? undefined : String(base));
    return json === undefined ? undefined : JSON.parse(json);
  };

  class URL {
    #parts: Parts;
    #params: URLSearchParams | undefined;

    constructor(url: unknown, base?: unknown) {
      const parts = parseParts(url, base);
      if (parts === undefined) throw new TypeError(`Invalid URL: ${String(url).slice(0, 200)}`);
      this.#parts = parts;
    }

    static canParse(url: unknown, base?: unknown): boolean {
      return parseParts(url, base) !== undefined;
    }

    static parse(url: unknown, base?: unknown): URL | null {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }

    static {
      const parts = [
        "protocol",
        "username",
        "password",
        "host",
        "hostname",
        "port",
        "pathname",
        "search",
        "hash",
      ] as const;
      for (const part of ["href", ...parts] as const) {
        Reflect.defineProperty(URL.prototype, part, {
          get(this: URL) {
            return this.#parts[part];
          },
          set(this: URL, value: unknown) {
            this.#set(part, String(value));
          },
          enumerable: true,
          configurable: true,
        });
      }
    }

    #set(part: Part, value: string): void {
      const json = part === "href" ? parse(value) : parse(this.#parts.href, undefined, part, value);
      if (json === undefined) throw new TypeError(`Invalid URL: ${value.slice(0, 200)}`);
      this.#parts = JSON.parse(json);
      if (this.#params) parseQuery(this.#params, this.#parts.search);
    }

    get origin(): string {
      return this.#parts.origin;
    }

    get searchParams(): URLSearchParams {
      this.#params ??= new URLSearchParams(this.#parts.search, (query) => {
        this.#parts = JSON.parse(parse(this.#parts.href, undefined, "search", query) as string);
      });
      return this.#params;
    }

    toString(): string {
      return this.#parts.href;
    }

    toJSON(): string {
      return this.#parts.href;
    }
  }
  return URL;
}
