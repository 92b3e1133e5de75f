import { createHash } from "node:crypto";
import { isObject } from "../../../policies/is-object.ts";
import { jsonOf } from "../../../policies/standard/lib/json-check.ts";

/** A file that is made of a description, and made again when that changes. */
export interface GeneratedFile {
  /** In the policies folder. */
  readonly name: string;
  /** Its beginning says by whom it was made, and has a digest of the rest. */
  readonly text: string;
}

/** What a file that is there has to do with this program. */
export type FileOrigin =
  /** Made by it, and as it was made. */
  | { readonly kind: "generated"; readonly digest: string }
  /** Made by it, and changed since then. */
  | { readonly kind: "edited"; readonly digest: string }
  | { readonly kind: "foreign" };

const MARK = "// Digest: ";

export function sealCode(name: string, madeBy: string, code: string): GeneratedFile {
  return { name, text: `// ${madeBy}\n${MARK}${digestOf(code)}\n\n${code}` };
}

/** A formatter may change how JSON is written: its digest is that of what it holds. */
export function sealJson(name: string, madeBy: string, value: object): GeneratedFile {
  const text = JSON.stringify(
    { $comment: madeBy, digest: digestOf(JSON.stringify(value)), ...value },
    null,
    2,
  );
  return { name, text: `${text}\n` };
}

export function fileOriginOf(file: GeneratedFile): FileOrigin {
  const { digest, body } = (file.name.endsWith(".json") ? openJson : openCode)(file.text);
  if (digest === undefined) return { kind: "foreign" };
  return { kind: digestOf(body) === digest ? "generated" : "edited", digest };
}

interface Opened {
  readonly digest: string | undefined;
  readonly body: string;
}

function openCode(text: string): Opened {
  const [, digest, body = ""] =
    /^\/\/ [^\n]*\n\/\/ Digest: (\w+)\n\n?([\s\S]*)$/.exec(text.replaceAll("\r\n", "\n")) ?? [];
  return { digest, body };
}

function openJson(text: string): Opened {
  const value = jsonOf({ body: text })?.value;
  if (!isObject(value) || typeof value.digest !== "string") return { digest: undefined, body: "" };
  const { $comment, digest, ...rest } = value;
  return { digest, body: JSON.stringify(rest) };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
