import type { Path } from "../values/schema-places.ts";
import { readScriptTokens, type ScriptToken } from "./script-tokens.ts";

/**
 * Where values of a TypeScript or JavaScript config are: the line of what is written there, or of what it stands in. What the script computes has the line of
 * the option that it is computed for. From 1; undefined where nothing is written, as in a function.
 */
export function openScriptPlaces(text: string): (path: Path) => number | undefined {
  const tokens = readScriptTokens(text);
  const places = new Map<string, number>();
  const start = findDefault(tokens);
  if (start !== undefined) readValue(start, []);
  return (path) => {
    for (let length = path.length; length >= 0; length--) {
      const at = places.get(path.slice(0, length).join("\n"));
      if (at !== undefined) return text.slice(0, at).split("\n").length;
    }
    return undefined;
  };

  /** @returns where what follows it begins */
  function readValue(index: number, path: Path): number {
    const { text: first, at } = tokenAt(index);
    places.set(path.join("\n"), at);
    if (first === "{") return skip(readObject(index + 1, path));
    if (first === "[") return skip(readList(index + 1, path));
    return skip(index);
  }

  function readObject(from: number, path: Path): number {
    let index = from;
    while (index < tokens.length && tokenAt(index).text !== "}") {
      const { text: key, at } = tokenAt(index);
      const next = tokenAt(index + 1).text;
      const name = /^["']/.test(key) ? key.slice(1, -1) : key;
      if (next === ":") index = readValue(index + 2, [...path, name]);
      else {
        if (next === "," || next === "}") places.set([...path, name].join("\n"), at);
        index = skip(index);
      }
      if (tokenAt(index).text === ",") index++;
      else if (tokenAt(index).text !== "}") return tokens.length;
    }
    return index + 1;
  }

  function readList(from: number, path: Path): number {
    let index = from;
    let count: number | string = 0;
    while (index < tokens.length && tokenAt(index).text !== "]") {
      // How many that are, only the script knows.
      if (tokenAt(index).text === "...") count = "…";
      index = readValue(index, [...path, count]);
      if (typeof count === "number") count++;
      if (tokenAt(index).text === ",") index++;
      else if (tokenAt(index).text !== "]") return tokens.length;
    }
    return index + 1;
  }

  /** To the end of an expression. */
  function skip(from: number): number {
    let index = from;
    for (let depth = 0; index < tokens.length; index++) {
      const { text: found, opens } = tokenAt(index);
      if (depth === 0 && (opens < 0 || found === "," || found === ";")) return index;
      depth += opens;
    }
    return index;
  }

  function tokenAt(index: number): ScriptToken {
    return tokens[index] ?? { text: "", at: text.length, opens: 0 };
  }
}

/** The default export, also when it has a name of its own before. */
function findDefault(tokens: readonly ScriptToken[]): number | undefined {
  const found = tokens.findIndex(
    ({ text }, index) => text === "export" && tokens[index + 1]?.text === "default",
  );
  return found === -1 ? undefined : follow(found + 2);

  function follow(index: number): number | undefined {
    const { text = "" } = tokens[index] ?? {};
    if (text === "{") return index;
    if (tokens[index + 1]?.text === "(") return follow(index + 2);
    const named = tokens.findIndex(
      (token, at) => token.text === text && /^(?:const|let|var)$/.test(tokens[at - 1]?.text ?? ""),
    );
    const value = tokens.findIndex((token, at) => at > named && token.text === "=");
    return named === -1 || value === -1 || value + 1 === index ? undefined : follow(value + 1);
  }
}
