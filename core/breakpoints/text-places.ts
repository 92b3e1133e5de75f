/** Strings, which may be cut off, and what JSON is built of. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\],:]/gs;
/** The name of `name=value` and of `name: value`. */
const NAME = /([\w.-]{1,64})'? {0,4}[=:] {0,4}'?$/;
const LONGEST_NAME = 74;

/**
 * What parts of a text are the values of: keys and indexes in JSON, with or without something before it, and names in other texts.
 *
 * @param starts of the parts, in order
 */
export function placesIn(text: string, starts: readonly number[]): string[] {
  const tokens = text.matchAll(TOKEN);
  const path: (string | number)[] = [];
  let key = "";
  let token = tokens.next();
  return starts.map((start) => {
    for (; !token.done && token.value.index + token.value[0].length <= start; token = tokens.next())
      key = follow(path, token.value[0], key);
    const [, name] = NAME.exec(text.slice(Math.max(0, start - LONGEST_NAME), start)) ?? [];
    return JSON.stringify([path, name]);
  });
}

/** @param last the last string @returns the one that is the last now */
function follow(path: (string | number)[], token: string, last: string): string {
  const top = path.length - 1;
  const at = path[top];
  switch (token) {
    case "{":
    case "[":
      path.push(token === "{" ? "" : 0);
      return last;
    case "}":
    case "]":
      path.pop();
      return last;
    case ",":
      if (at !== undefined) path[top] = typeof at === "number" ? at + 1 : "";
      return last;
    case ":":
      if (typeof at === "string") path[top] = last;
      return last;
    default:
      return token;
  }
}
