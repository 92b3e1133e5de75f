import { z } from "zod";
import type { Payload } from "../../../../sandbox/contract/hooks.ts";
import { AdminError } from "../../errors.ts";

/** A message as a body says it: one of these. */
export const messageBodyShape = {
  text: z.string().optional().describe("Of a text message."),
  base64: z.string().optional().describe("Of a binary message."),
  hex: z.string().optional().describe("The same as hex digits; spaces between them are passed over."),
};

export type MessageBody = z.infer<z.ZodObject<typeof messageBodyShape>>;

/**
 * Undefined: it says none.
 * @throws AdminError
 */
export function readMessageBody({ text, base64, hex }: MessageBody): Payload | undefined {
  const given = [text, base64, hex].filter((each) => each !== undefined);
  if (given.length === 0) return undefined;
  if (given.length > 1) throw refused("one of text, base64 and hex", `${given.length} of them`);
  if (text !== undefined) return { binary: false, bytes: readText(text) };
  return { binary: true, bytes: base64 !== undefined ? readBase64(base64) : readHex(hex ?? "") };
}

/** Half of a character cannot be written as UTF-8, and another is not sent in its place. */
function readText(text: string): Buffer {
  if (!text.isWellFormed()) throw refused("text to be whole characters", "half of one (a lone surrogate)");
  return Buffer.from(text);
}

function readBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  const unpadded = text.replace(/=+$/, "");
  if (bytes.toString("base64").replace(/=+$/, "") === unpadded) return bytes;
  throw refused("base64 to be base64", shorten(text));
}

function readHex(text: string): Buffer {
  const digits = text.replace(/\s/g, "");
  if (digits.length % 2 === 0 && /^[\da-f]*$/i.test(digits)) return Buffer.from(digits, "hex");
  throw refused("hex to be pairs of hex digits", shorten(text));
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function refused(expected: string, got: string): AdminError {
  return new AdminError("ERR_REQUEST", `expected ${expected}, got ${got}`);
}
