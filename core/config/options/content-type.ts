import { z } from "zod";
import type { ContentTypes } from "../../../sandbox/contract.ts";
import { section } from "./schema-parts.ts";

/** MIME types where messages differ, as a config file has them: the closest one counts. */
export interface ContentTypeInput {
  /** Of text messages. Default: "application/json". */
  readonly text?: string;
  /** Of binary messages. Default: "application/json". */
  readonly binary?: string;
  /** What the client sends, where it differs. Default: that of both sides. */
  readonly client?: string | OpcodeTypesInput;
  /** What the server sends, where it differs. Default: that of both sides. */
  readonly server?: string | OpcodeTypesInput;
}

export interface OpcodeTypesInput {
  /** Of text messages. Default: that of both sides. */
  readonly text?: string;
  /** Of binary messages. Default: that of both sides. */
  readonly binary?: string;
}

const error = 'a MIME type such as "application/json"';

const mimeType = () => z.string({ error }).regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;.*)?$/, { error });

const opcodeShape = (fallback: string) => ({
  text: mimeType().optional().describe(`Of text messages. Default: ${fallback}.`),
  binary: mimeType().optional().describe(`Of binary messages. Default: ${fallback}.`),
});

const sideError = 'a MIME type such as "application/json", or { text, binary }';

const sideTypes = z.union([mimeType(), section(opcodeShape("that of both sides"), sideError)], {
  error: sideError,
});

const wholeError = 'a MIME type such as "application/json", or { text, binary, client, server }';

export const contentTypeOption = {
  contentType: z
    .union(
      [
        mimeType(),
        section(
          {
            ...opcodeShape('"application/json"'),
            client: sideTypes
              .optional()
              .describe("What the client sends, where it differs. Default: that of both sides."),
            server: sideTypes
              .optional()
              .describe("What the server sends, where it differs. Default: that of both sides."),
          },
          wholeError,
        ),
      ],
      { error: wholeError },
    )
    .prefault("application/json")
    .describe(
      'MIME type of message bodies, also by who sends them and by opcode; policies read and write values when it is a JSON type. Default: "application/json".',
    ),
};

export function resolveContentType(input: string | ContentTypeInput): ContentTypes {
  const { client, server, ...both } = typeof input === "string" ? byOpcode(input) : input;
  const types = { ...byOpcode("application/json"), ...both };
  const ofSide = (side: string | OpcodeTypesInput = {}) => ({
    ...types,
    ...(typeof side === "string" ? byOpcode(side) : side),
  });
  return { client: ofSide(client), server: ofSide(server) };
}

function byOpcode(type: string): Required<OpcodeTypesInput> & Pick<ContentTypeInput, "client" | "server"> {
  return { text: type, binary: type };
}
