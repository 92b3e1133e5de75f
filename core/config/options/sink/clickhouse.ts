import type { z } from "zod";
import { flag, section, text } from "../schema-parts.ts";
import { resolveSecret, type SecretSource, secretSchema, secretText } from "../secret-source.ts";
import { longDuration } from "../units.ts";
import { sinkUrl } from "./otlp.ts";

/** A table of ClickHouse. */
export interface ClickhouseTarget {
  readonly type: "clickhouse";
  readonly url: string;
  readonly database: string;
  readonly user?: string;
  readonly password?: SecretSource;
  readonly table: string;
  readonly create: boolean;
  /** 0: for ever. */
  readonly keepMs: number;
}

const URL_TEXT = 'an http or https URL without a user, such as "http://127.0.0.1:8123"';
const NAME_TEXT = "a name of letters, digits and _";
const nameText = () => text(NAME_TEXT).regex(/^[A-Za-z_]\w{0,62}$/, { error: NAME_TEXT });

export const clickhouseSinkSchema = section(
  "ClickhouseSinkInput",
  {
    url: secretText(sinkUrl(URL_TEXT), "http://127.0.0.1").describe(
      "URL of the HTTP interface, without a user.",
    ),
    database: nameText().prefault("default").describe("Database of the table."),
    user: text("the name of a user").optional().describe("User. Default: the server's default user."),
    password: secretSchema.optional().describe("Where the user's password is. Default: it has none."),
    table: nameText().prefault("framegate_traffic").describe("Table of the records."),
    create: flag()
      .prefault(true)
      .describe("Whether the table is made where it is not there; else somebody else has to."),
    keep: longDuration()
      .prefault("7d")
      .describe("How long records are kept in a table that is made: its TTL; 0: for ever, and no TTL."),
  },
  'an object such as { url: "http://127.0.0.1:8123" }',
);

export function resolveClickhouse(
  { url, database, user, password, table, create, keep }: z.output<typeof clickhouseSinkSchema>,
  dir: string,
): ClickhouseTarget {
  return {
    type: "clickhouse",
    ...{ url, database, table, create, keepMs: keep },
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password: resolveSecret(password, dir) }),
  };
}
