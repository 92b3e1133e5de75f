import { z } from "zod";
import type { ContentTypes } from "../../../../sandbox/contract.ts";
import { section } from "../schema-parts.ts";

const MIME_TYPE = 'a MIME type such as "application/json"';

const mimeType = () =>
  z.string({ error: MIME_TYPE }).regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;.*)?$/, { error: MIME_TYPE });

const opcodeShape = (fallback: string) => ({
  text: mimeType().optional().describe(`Of text messages. Default: ${fallback}.`),
  binary: mimeType().optional().describe(`Of binary messages. Default: ${fallback}.`),
});

const SIDE_ERROR = 'a MIME type such as "application/json", or { text, binary }';

const sideTypes = z.union(
  [mimeType(), section("OpcodeTypesInput", opcodeShape("that of both sides"), SIDE_ERROR)],
  {
    error: SIDE_ERROR,
  },
);

const WHOLE_ERROR = 'a MIME type such as "application/json", or { text, binary, client, server }';

export const contentTypeOption = {
  contentType: z
    .union(
      [
        mimeType(),
        section(
          "ContentTypeInput",
          {
            ...opcodeShape('"application/json"'),
            client: sideTypes
              .optional()
              .describe("What the client sends, where it differs. Default: that of both sides."),
            server: sideTypes
              .optional()
              .describe("What the server sends, where it differs. Default: that of both sides."),
          },
          WHOLE_ERROR,
        ),
      ],
      { error: WHOLE_ERROR },
    )
    .prefault("application/json")
    .describe(
      "MIME type of message bodies, also by who sends them and by opcode; policies read and write values when it is a JSON type.",
    ),
};

type Parsed = z.output<typeof contentTypeOption.contentType>;
type Types = Pick<Exclude<Parsed, string>, "client" | "server"> & ContentTypes["client"];

export function resolveContentType(input: Parsed): ContentTypes {
  const { client, server, ...both } = typeof input === "string" ? byOpcode(input) : input;
  const types = { ...byOpcode("application/json"), ...both };
  const ofSide = (side: z.output<typeof sideTypes> = {}) => ({
    ...types,
    ...(typeof side === "string" ? byOpcode(side) : side),
  });
  return { client: ofSide(client), server: ofSide(server) };
}

function byOpcode(type: string): Types {
  return { text: type, binary: type };
}
