import { z } from "zod";
import { isLoopback } from "../console.ts";
import { flag, section, text } from "../schema-parts.ts";
import { resolveSecret, type SecretSource, secretSchema, secretText } from "../secret-source.ts";
import { longDuration } from "../units.ts";
import {
  readTls,
  type TlsPlace,
  type UpstreamTlsConfig,
  upstreamTlsSchema,
} from "../upstream/upstream-tls.ts";

/** A table that can be queried. */
export interface PostgresTarget {
  readonly type: "postgres";
  /** A name, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: SecretSource;
  readonly tls: UpstreamTlsConfig | boolean;
  /** With its schema, if one is said. */
  readonly table: string;
  readonly create: boolean;
  /** 0: for ever. */
  readonly keepMs: number;
}

const URL_TEXT =
  'a URL without a password, such as "postgres://framegate@db.example.com:5432/traffic", or "postgres:///traffic?user=framegate&host=/run/postgresql"';
const TABLE_TEXT = 'the name of a table such as "framegate_traffic" or "audit.traffic"';

/** @returns undefined for what is no such URL */
function parsePostgresUrl(
  input: string,
): Pick<PostgresTarget, "host" | "port" | "user" | "database"> | undefined {
  // A host of its own: the name of a folder is none, and no host at all is no URL.
  const url = URL.parse(input.replace(/^postgres(ql)?:\/\/(?=[/?])/, "postgres://localhost"));
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.password !== "") return undefined;
  const { searchParams } = url;
  if ([...searchParams.keys()].some((key) => key !== "host" && key !== "user")) return undefined;
  const host = searchParams.get("host") ?? decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1");
  const user = searchParams.get("user") ?? decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (user === "" || database === "") return undefined;
  return { host, port: url.port === "" ? 5432 : Number(url.port), user, database };
}

export const postgresSchema = section(
  "PostgresSinkInput",
  {
    url: secretText(
      text(URL_TEXT).refine((url) => parsePostgresUrl(url) !== undefined, { error: URL_TEXT }),
      "postgres://user@127.0.0.1/database",
    ).describe(
      'The server, user and database, without a password: "postgres://user@host:5432/database", or with `?host=/folder` of a Unix socket.',
    ),
    password: secretSchema.optional().describe("Where the user's password is. Default: it has none."),
    tls: z
      .union([flag(), upstreamTlsSchema], { error: "true, false, or an object such as { ca }" })
      .optional()
      .describe(
        "Whether, and how, the connection is over TLS. Default: true, and false for this machine and Unix sockets.",
      ),
    table: text(TABLE_TEXT)
      .regex(/^(?:[a-z_][a-z0-9_]{0,40}\.)?[a-z_][a-z0-9_]{0,40}$/, { error: TABLE_TEXT })
      .prefault("framegate_traffic")
      .describe("Table of the records, with its schema if it is not the user's first."),
    create: flag()
      .prefault(true)
      .describe("Whether the table is made where it is not there; else somebody else has to."),
    keep: longDuration()
      .prefault("7d")
      .describe("How long records are kept, of all gateways that write into the table; 0: for ever."),
  },
  'an object such as { url: "postgres://framegate@db.example.com/traffic" }',
);

export function resolvePostgres(
  { url, password, tls, table, create, keep }: z.output<typeof postgresSchema>,
  place: TlsPlace,
): PostgresTarget {
  const server = parsePostgresUrl(url) as NonNullable<ReturnType<typeof parsePostgresUrl>>;
  const isHere = server.host.startsWith("/") || isLoopback(server.host);
  return {
    type: "postgres",
    ...server,
    ...(password !== undefined && { password: resolveSecret(password, place.dir) }),
    tls: typeof tls === "object" ? readTls(tls, place) : (tls ?? !isHere),
    table,
    create,
    keepMs: keep,
  };
}
