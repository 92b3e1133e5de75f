import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type ConsoleConfig, invalidConfig, SHORTEST_TOKEN, type TokenSource } from "../../config/index.ts";
import type { Role } from "../api/api-schema.ts";

/** Who may do what, by what he shows. Knows digests only. */
export interface Tokens {
  /** Whether the console asks for one at all. */
  readonly areSet: boolean;
  roleOf(token: string): Role | undefined;
}

/** Reads the tokens where the config says they are. Rejects with a ConfigError that names the option. */
export async function readTokens(
  { isOpen, token, readerToken }: ConsoleConfig,
  origin = "the config",
): Promise<Tokens> {
  const digests: { readonly role: Role; readonly digest: Buffer }[] = [];
  for (const [role, option, source] of [
    ["admin", "console.token", token],
    ["reader", "console.readerToken", readerToken],
  ] as const) {
    if (source !== undefined)
      digests.push({ role, digest: digestOf(await readToken(source, option, origin)) });
  }
  return {
    areSet: !isOpen,
    roleOf(shown) {
      const digest = digestOf(shown);
      let found: Role | undefined;
      // All of them are compared, and of equal tokens the first counts.
      for (const { role, digest: known } of digests) if (timingSafeEqual(digest, known)) found ??= role;
      return found;
    },
  };
}

/** Rejects with a ConfigError that names the option. @param origin whose option it is */
export async function readToken(source: TokenSource, option: string, origin = "the config"): Promise<string> {
  const fail = (message: string) => invalidConfig(origin, [{ path: option, message }]);
  if ("value" in source) return source.value;
  let text: string | undefined;
  if ("env" in source) {
    text = process.env[source.env]?.trim();
    if (text === undefined) {
      throw fail(`expected a token in the environment variable ${source.env}, which is not set; set it`);
    }
  } else {
    text = await readFile(source.file, "utf8").then(
      (content) => content.trim(),
      (error: Error) => {
        throw fail(`expected a token in the file ${source.file}, which cannot be read: ${error.message}`);
      },
    );
  }
  if (text.length >= SHORTEST_TOKEN) return text;
  const where = "env" in source ? `the environment variable ${source.env}` : source.file;
  throw fail(`expected a token of at least ${SHORTEST_TOKEN} characters, got ${text.length} from ${where}`);
}

/** Of one length whatever the token's: what timingSafeEqual asks for. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
