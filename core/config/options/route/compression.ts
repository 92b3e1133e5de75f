import { z } from "zod";
import { flag, section, whole } from "../schema-parts.ts";
import { size } from "../units.ts";

/** The same as the gateway reads it: plain JSON. */
export interface CompressionConfig extends DeflateParameters, DeflateLimits {
  /** Of the leg to the client, and of that to the server. */
  readonly legs: { readonly client: boolean; readonly server: boolean };
}

/** RFC 7692 section 7.1, by whose messages they are about, on either leg. */
export interface DeflateParameters {
  readonly clientContextTakeover: boolean;
  readonly serverContextTakeover: boolean;
  /** 15: as the peers like. */
  readonly clientMaxWindowBits: number;
  readonly serverMaxWindowBits: number;
}

/** Of what the gateway itself deflates and inflates. */
export interface DeflateLimits {
  /** A shorter message leaves uncompressed. */
  readonly minBytes: number;
  /** Inflated size over compressed size. 0: no limit. */
  readonly maxRatio: number;
}

const windowBits = () => whole(9, 15, "a whole number from 9 to 15").prefault(15);

const EXPECTED = "true, false, or { client, server, minSize, … }";

const compressionSchema = section(
  "CompressionInput",
  {
    client: flag().prefault(true).describe("Whether it may be agreed on with the client."),
    server: flag().prefault(true).describe("Whether it may be agreed on with the server."),
    clientContextTakeover: flag()
      .prefault(true)
      .describe(
        "Whether the client's messages may refer to earlier ones; not agreed on where policies read them.",
      ),
    serverContextTakeover: flag()
      .prefault(true)
      .describe(
        "Whether the server's messages may refer to earlier ones; not agreed on where policies read them.",
      ),
    clientMaxWindowBits: windowBits().describe(
      "Largest window of the client's messages as a power of two, 9 to 15; below 15, clients that cannot be told get no compression.",
    ),
    serverMaxWindowBits: windowBits().describe(
      "Largest window of the server's messages as a power of two, 9 to 15.",
    ),
    minSize: size(0, "0")
      .prefault("1KiB")
      .describe("Smallest message that the gateway itself compresses, in bytes or with a unit."),
    maxRatio: whole(0, 100_000, "a whole number, or 0 for unlimited")
      .prefault(0)
      .describe(
        "How many times its compressed size a message may inflate to (1009); read even without policies, to be measured; 0: unlimited.",
      ),
  },
  EXPECTED,
);

export const compressionOption = {
  compression: z
    .union([flag(), compressionSchema], { error: EXPECTED })
    .prefault(true)
    .describe("Whether permessage-deflate may be negotiated, on which legs, and how."),
};

type ParsedCompression = boolean | z.output<typeof compressionSchema>;

export function resolveCompression(parsed: ParsedCompression): CompressionConfig {
  const options = typeof parsed === "object" ? parsed : compressionSchema.parse({});
  const { client, server, minSize, maxRatio, ...parameters } = options;
  return {
    legs: { client: client && parsed !== false, server: server && parsed !== false },
    ...parameters,
    minBytes: minSize,
    maxRatio,
  };
}
