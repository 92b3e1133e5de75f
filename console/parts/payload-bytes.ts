import type { PayloadView } from "../../core/traffic/records.ts";

/** What was kept of a payload, as bytes. */
export function toBytes({ encoding, data }: Pick<PayloadView, "encoding" | "data">): Uint8Array {
  if (encoding === "text") return new TextEncoder().encode(data);
  return fromBase64(data) ?? new Uint8Array();
}

export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replace(/\s+/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Undefined unless it is pairs of hex digits, with or without space between them. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:,]|0x/gi, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function toText(payload: Pick<PayloadView, "encoding" | "data">): string {
  return payload.encoding === "text" ? payload.data : new TextDecoder().decode(toBytes(payload));
}
