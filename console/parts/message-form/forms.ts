import type { PayloadView } from "../../../core/traffic/records.ts";
import type { SentBody } from "../../state/api.ts";
import { fromBase64, fromHex, toBase64, toBytes } from "../payload-bytes.ts";

/** How a message is written. */
export type Form = "text" | "json" | "hex" | "base64";

export interface WrittenMessage {
  readonly form: Form;
  readonly text: string;
}

export const FORMS = [
  ["text", "Text"],
  ["json", "JSON"],
  ["hex", "Hex"],
  ["base64", "Base64"],
] as const;

export const HINTS: Readonly<Record<Form, string>> = {
  text: "Hello, gateway",
  json: '{ "type": "hello" }',
  hex: "48 65 6c 6c 6f",
  base64: "SGVsbG8=",
};

/** What is wrong with what is written; "": nothing. */
export function messageProblem({ form, text }: WrittenMessage): string {
  switch (form) {
    case "text":
      return "";
    case "json":
      try {
        JSON.parse(text);
        return "";
      } catch (error) {
        return `No JSON yet: ${(error as Error).message}`;
      }
    case "hex":
      return fromHex(text) === undefined ? "Expected pairs of hex digits, e.g. 48 65." : "";
    case "base64":
      return fromBase64(text) === undefined ? "Expected base64, e.g. SGVsbG8=." : "";
  }
}

export function bodyOf({ form, text }: WrittenMessage): SentBody {
  switch (form) {
    case "text":
    case "json":
      return { text };
    case "hex":
      return { base64: toBase64(fromHex(text) ?? new Uint8Array()) };
    case "base64":
      return { base64: text.replace(/\s+/g, "") };
  }
}

/** A payload, to be written on: bytes as hex. */
export function writtenOf(payload: PayloadView | null): WrittenMessage {
  if (payload === null) return { form: "text", text: "" };
  if (payload.encoding === "base64") {
    const hex = [...toBytes(payload)].map((byte) => byte.toString(16).padStart(2, "0"));
    return { form: "hex", text: hex.join(" ") };
  }
  const written: WrittenMessage = { form: "json", text: payload.data };
  const isJson = /^\s*[[{]/.test(payload.data) && messageProblem(written) === "";
  return isJson ? written : { ...written, form: "text" };
}

/** In the place of each value that the recording hides. */
const HIDDEN = "[redacted]";

export function holdsMark({ text }: WrittenMessage): boolean {
  return text.includes(HIDDEN);
}
