/** Not in the library's types yet: https://github.com/tc39/proposal-json-parse-with-source */
interface SourceJson {
  parse(
    text: string,
    revive: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
}

const json = JSON as unknown as SourceJson;

/** As JSON.parse, but a number that JavaScript cannot hold, such as 12345678901234567890, is written as it came. */
export function parseExactly(text: string): unknown {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value,
  );
}

/** The number as it came, where `parseExactly` kept it. */
export function sourceOf(value: object): string | undefined {
  const isRaw = Object.getPrototypeOf(value) === null && Object.keys(value).join() === "rawJSON";
  return isRaw ? (value as { readonly rawJSON: string }).rawJSON : undefined;
}
