import { freeName } from "../plain-schemas.ts";

/** `send_message` is the type `SendMessage`; no two names are of one type. */
export function typeNames(
  names: readonly string[],
  reserved: readonly string[] = [],
): ReadonlyMap<string, string> {
  const taken = new Set(reserved);
  const found = new Map<string, string>();
  for (const name of names) {
    const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const joined = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
    const type = freeName(/^[A-Z]/.test(joined) ? joined : `Message${joined}`, taken);
    taken.add(type);
    found.set(name, type);
  }
  return found;
}
