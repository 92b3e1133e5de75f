import { BlockList, isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import type { ConfigProblem } from "../errors.ts";
import { section, text, whole } from "./schema-parts.ts";
import { resolveTls, type TlsConfig, tlsSchema } from "./tls.ts";

/** Where the console is served and whom it lets in. Plain JSON. Without a token, and not open, it lets nobody in. */
export interface ConsoleConfig {
  readonly host: string;
  readonly port: number;
  /** The config says in so many words that whoever reaches it may do all. */
  readonly isOpen: boolean;
  readonly token?: TokenSource;
  readonly readerToken?: TokenSource;
  /** In lower case. */
  readonly hosts?: readonly string[];
  readonly tls?: TlsConfig;
}

export type TokenSource =
  | { readonly value: string }
  /** Absolute. */
  | { readonly file: string }
  | { readonly env: string };

export const SHORTEST_TOKEN = 16;

const SECRET_TEXT = 'a token of at least 16 characters, or where it is, such as { env: "FRAMEGATE_TOKEN" }';

const TOKEN_TEXT = `${SECRET_TEXT}, or false to let in whoever reaches it`;

const secret = z.union(
  [
    z.string({ error: SECRET_TEXT }).min(SHORTEST_TOKEN, { error: SECRET_TEXT }),
    section(
      "TokenInput",
      {
        file: text("the path of a file")
          .optional()
          .describe(
            "File that holds it, relative to the config file; white space around it does not count. Default: none.",
          ),
        env: text("the name of an environment variable")
          .optional()
          .describe("Environment variable that holds it. Default: none."),
      },
      SECRET_TEXT,
    ).refine(({ file, env }) => (file === undefined) !== (env === undefined), {
      error: "either file or env",
    }),
  ],
  { error: SECRET_TEXT },
);

export const consoleSchema = section(
  "ConsoleInput",
  {
    host: text('an address or host name such as "127.0.0.1"')
      .prefault("127.0.0.1")
      .describe('Address to listen on; "0.0.0.0" or "::" for all.'),
    port: whole(0, 65_535, "a port from 0 to 65535")
      .prefault(9090)
      .describe("Port to listen on; 0 lets the system choose."),
    token: z
      .union([z.literal(false, { error: TOKEN_TEXT }), secret], { error: TOKEN_TEXT })
      .optional()
      .describe(
        "What lets in who may look and change, at least 16 characters, or where it is; required where `host` is not a loopback address; false: whoever reaches it. Default: one that `framegate dev` makes and prints, else none, and nobody is let in.",
      ),
    readerToken: secret
      .optional()
      .describe(
        "What lets in who may only look, at least 16 characters, or where it is; needs `token`. Default: none.",
      ),
    hosts: z
      .array(text('a host name such as "console.example.org"'), { error: "a list of host names" })
      .optional()
      .describe(
        'Names by which browsers reach the console, beside `host`, "localhost" and loopback addresses. Default: none.',
      ),
    tls: tlsSchema
      .refine(({ acme }) => acme === undefined, {
        path: ["acme"],
        error: "nothing here: certificates of files, for only listeners order their own",
      })
      .optional()
      .describe("TLS, as of a listener; read at the start. Default: none, plain HTTP."),
  },
  "a listener such as { port: 9090 }",
);

type ParsedConsole = z.output<typeof consoleSchema>;

export function resolveConsole(parsed: ParsedConsole, dir: string): ConsoleConfig {
  const { host, port, token, readerToken, hosts, tls } = parsed;
  return {
    host,
    port,
    isOpen: token === false,
    ...(token !== undefined && token !== false && { token: buildSecret(token, dir) }),
    ...(readerToken !== undefined && { readerToken: buildSecret(readerToken, dir) }),
    ...(hosts !== undefined && { hosts: hosts.map((name) => name.toLowerCase()) }),
    ...(tls !== undefined && { tls: resolveTls(tls, dir) }),
  };
}

function buildSecret(secret: NonNullable<ParsedConsole["readerToken"]>, dir: string): TokenSource {
  if (typeof secret === "string") return { value: secret };
  return secret.file === undefined ? { env: secret.env ?? "" } : { file: resolve(dir, secret.file) };
}

/** A console that others than this machine reach, and that asks nobody who he is, is not opened. */
export function findConsoleProblems(parsed: ParsedConsole | false): ConfigProblem[] {
  if (parsed === false || (parsed.token !== undefined && parsed.token !== false)) return [];
  const why =
    parsed.readerToken !== undefined
      ? "console.readerToken is set"
      : isLoopback(parsed.host)
        ? undefined
        : `console.host "${parsed.host}" can be reached from other machines`;
  if (why === undefined) return [];
  const message = `expected ${SECRET_TEXT}, because ${why}; got none. Set it, or let console.host be "127.0.0.1" and leave out console.readerToken`;
  return [{ path: "console.token", message }];
}

/** Why nobody can enter, with what to do; undefined where somebody can, or there is no console. */
export function explainClosedConsole(console: ConsoleConfig | false): string | undefined {
  if (console === false || console.isOpen || console.token !== undefined) return undefined;
  return "the console has no token, so `framegate start` lets nobody in: set console.token, or let it be false for whoever reaches it on this machine";
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
loopback.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

/** Whether only this machine can connect to it. A name other than "localhost" may stand for any address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === "localhost";
  return loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}
