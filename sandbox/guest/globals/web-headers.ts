import { FIELD_VALUE, TOKEN } from "../../wire/fields.ts";

type Field = readonly [name: string, value: string];

/** `Headers` of the web, for requests and responses of `fetch`. */
export class Headers {
  readonly #fields = new Map<string, string[]>();

  constructor(init?: unknown) {
    if (init === undefined || init === null) return;
    const fields =
      typeof init === "object" && Symbol.iterator in init
        ? (init as Iterable<Field>)
        : Object.entries(init as Record<string, string>);
    for (const [name, value] of fields) this.append(name, value);
  }

  append(name: string, value: string): void {
    const key = readName(name);
    const text = readValue(key, value);
    const values = this.#fields.get(key);
    if (values) values.push(text);
    else this.#fields.set(key, [text]);
  }

  set(name: string, value: string): void {
    const key = readName(name);
    this.#fields.set(key, [readValue(key, value)]);
  }

  get(name: string): string | null {
    return this.#fields.get(readName(name))?.join(", ") ?? null;
  }

  has(name: string): boolean {
    return this.#fields.has(readName(name));
  }

  delete(name: string): void {
    this.#fields.delete(readName(name));
  }

  forEach(visit: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this) visit(value, name, this);
  }

  *entries(): Generator<Field> {
    for (const name of [...this.#fields.keys()].sort()) {
      yield [name, (this.#fields.get(name) ?? []).join(", ")];
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): Generator<Field> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return "Headers";
  }
}

function readName(name: unknown): string {
  const text = String(name);
  if (!TOKEN.test(text)) throw new TypeError(`Headers: ${JSON.stringify(text)} is not a header name`);
  return text.toLowerCase();
}

function readValue(name: string, value: unknown): string {
  const text = String(value).trim();
  if (!FIELD_VALUE.test(text)) {
    throw new TypeError(
      `Headers: the value of "${name}" holds a line break or another character that no header may have`,
    );
  }
  return text;
}
