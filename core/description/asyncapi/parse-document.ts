import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { showPath } from "../../../policies/shown-path.ts";
import { DescriptionError } from "../errors.ts";
import type { AsyncApiDocument, Diagnostic } from "./document.ts";

/** What is used of the package, which only who has descriptions must install: 170 packages, 50 MB. */
interface ParserPackage {
  readonly Parser: new (
    options: object,
  ) => {
    parse(
      text: string,
      options: { readonly source: string },
    ): Promise<{
      readonly document: AsyncApiDocument | undefined;
      readonly diagnostics: readonly Diagnostic[];
    }>;
  };
}

const PACKAGE = "@asyncapi/parser";
/** The version that the tests are run with. */
export const PARSER_VERSION = "3.6.6";
const MAX_SHOWN = 20;

/**
 * @param file where the text is from: what it refers to is read from there
 * @throws DescriptionError with all that is wrong with the document, each with its line and JSON pointer
 */
export async function parseDocument(text: string, file: string): Promise<AsyncApiDocument> {
  const { Parser } = await loadParser();
  const remote = new Set<string>();
  // One that throws is passed over for the parser's own, which fetches.
  const read = (uri: unknown) => {
    remote.add(String(uri));
    return "{}";
  };
  const resolvers = ["http", "https"].map((schema) => ({ schema, order: 1, canRead: true, read }));
  // Advice of good style is nothing that a policy could be made of.
  const parser = new Parser({ ruleset: { recommended: false }, __unstable: { resolver: { resolvers } } });
  const { document, diagnostics } = await parser.parse(text, { source: resolve(file) });
  if (remote.size > 0) {
    const list = [...remote].join(", ");
    const message = `${file} refers to what is not fetched: ${list}. Save it beside the file, and refer to that.`;
    throw new DescriptionError("ERR_DESCRIPTION_FORMAT", message);
  }
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  if (document !== undefined && errors.length === 0) return document;
  const lines = errors.slice(0, MAX_SHOWN).map((error) => `\n  ${wordDiagnostic(error, file)}`);
  const more = errors.length > MAX_SHOWN ? `\n  and ${errors.length - MAX_SHOWN} more` : "";
  const message = `${file} is no AsyncAPI document that can be read:${lines.join("")}${more}`;
  throw new DescriptionError("ERR_DESCRIPTION_FORMAT", message);
}

async function loadParser(): Promise<ParserPackage> {
  try {
    return (await import(PACKAGE)) as ParserPackage;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const message =
      `AsyncAPI documents are read with ${PACKAGE}, which is not installed. Install it where framegate is, and run this again:\n` +
      `  npm install --save-dev ${PACKAGE}@${PARSER_VERSION}`;
    throw new DescriptionError("ERR_DESCRIPTION_PARSER", message, { cause });
  }
}

function wordDiagnostic({ path, message, range, source }: Diagnostic, file: string): string {
  const { line, character } = range.start;
  const at =
    source === undefined ? file : showPath(source.startsWith("file:") ? fileURLToPath(source) : source);
  return `${at}:${line + 1}:${character + 1}: ${pointerTo(path)}: ${message}`;
}

function pointerTo(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("") || "/";
}
