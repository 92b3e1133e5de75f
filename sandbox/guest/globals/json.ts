const { parse, stringify } = JSON;

export type Reviver = Parameters<typeof JSON.parse>[1];

/**
 * JSON.parse, but that it reads each name as it is written. V8 13.6 compares what stands in the text with the names of
 * objects that it has seen before it has looked at escapes: once there was one with a backslash in it, such as
 * `{"\\u00":1}`, it takes `"\u0074ype"` for that one, and so any message could hide a member from a policy. Names without
 * escapes are not concerned, so they are written without them first. Left are those that hold a quote, a backslash or a
 * control character, which have to be escaped.
 */
export function parseJson(given: string, reviver?: Reviver): unknown {
  const text = `${given}`;
  if (!text.includes("\\")) return parse(text, reviver);
  const plain = writeNamesPlainly(text);
  // What is no JSON must not become some.
  if (plain !== text) parse(text);
  return parse(plain, reviver);
}

/** @returns as it came, where it has no name with an escape or is no JSON */
function writeNamesPlainly(text: string): string {
  let written = "";
  let read = 0;
  let at = text.indexOf("\\");
  while (at !== -1) {
    const end = endOfString(text, at);
    if (isName(text, end)) {
      const start = text.lastIndexOf('"', at);
      written += text.slice(read, start) + plainly(text.slice(start, end + 1));
      read = end + 1;
    }
    at = text.indexOf("\\", end + 1);
  }
  return read === 0 ? text : written + text.slice(read);
}

function plainly(name: string): string {
  try {
    return stringify(parse(name));
  } catch {
    return name;
  }
}

/** Where its closing quote stands. */
function endOfString(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (at < text.length && " \t\n\r".includes(text[at] as string)) at++;
  return text[at] === ":";
}
