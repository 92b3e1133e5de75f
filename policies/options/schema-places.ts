import type { ErrorObject } from "ajv";

/** A member that an object is to have. */
export interface Missing {
  /** Of the object. */
  readonly error: ErrorObject;
  readonly key: string;
}

/** `/a/0/b` → `a[0].b` */
export function nameOption(error: ErrorObject, key?: string): string {
  const keys = errorKeys(error);
  const path = key === undefined ? keys : [...keys, key];
  const text = path.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
  return text.replace(/^\./, "") || "options";
}

export function errorKeys({ instancePath }: ErrorObject): string[] {
  return instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
