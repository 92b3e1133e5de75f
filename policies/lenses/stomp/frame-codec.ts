import { FrameImpl, type IRawFrameType, Parser } from "@stomp/stompjs";
import type { StompFrame } from "./frame-types.ts";
import { escapeHeader, requireName, requireValue, unescapeHeader } from "./header-text.ts";
import type { FrameBytes } from "./split.ts";

/** Of these the headers have no escapes, for all versions must be able to read them. */
const UNESCAPED = new Set(["CONNECT", "STOMP", "CONNECTED"]);

/**
 * Throws where it is none.
 *
 * @param endOfLine what a line may end with before its line feed: a carriage return is a part of it in STOMP 1.1
 */
export function parseFrame({ bytes, bodyAt }: FrameBytes, endOfLine: "" | "\r"): StompFrame<string> {
  requirePlainHead(bytes.subarray(0, bodyAt), endOfLine);
  const frames: IRawFrameType[] = [];
  const ignorePing = () => {};
  new Parser((frame) => frames.push(frame), ignorePing).parseChunk(bytes as never);
  const [frame] = frames;
  if (frame === undefined || frames.length > 1) throw new Error("no frame");
  const headers = readHeaders(frame);
  const body = frame.binaryBody ?? new Uint8Array();
  return { command: String(frame.command), headers, body: decoded(body) ?? body };
}

/** Throws at what cannot be said in a frame. */
export function writeFrame({ command, headers, body }: StompFrame<string>): Uint8Array {
  const { "content-length": length, ...others } = headers;
  const isEscaped = !UNESCAPED.has(command);
  const written = FrameImpl.marshall({
    command,
    headers: Object.fromEntries(
      Object.entries(others).map(([name, value]) =>
        isEscaped ? [escapeHeader(name), escapeHeader(value)] : [requireName(name), requireValue(value)],
      ),
    ),
    ...(typeof body === "string" ? { body } : { binaryBody: body }),
    // Some brokers make of a frame with a length a message of bytes, and of one without a message of text.
    skipContentLengthHeader: typeof body === "string" && length === undefined && !body.includes("\0"),
  });
  return typeof written === "string" ? new TextEncoder().encode(written) : new Uint8Array(written);
}

/** The text, if it is one. */
export function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The library leaves out each carriage return and each byte order mark, and takes for text what is none. */
function requirePlainHead(head: Uint8Array, endOfLine: "" | "\r"): void {
  const text = decoded(head)?.replaceAll(`${endOfLine}\n`, "\n");
  if (text === undefined || /[\r\uFEFF]/.test(text)) throw new Error("headers that are read in two ways");
}

/** Of several headers of one name the first counts. */
function readHeaders({ command, headers }: IRawFrameType): Readonly<Record<string, string>> {
  const meaning = UNESCAPED.has(String(command)) ? (text: string) => text : unescapeHeader;
  const read = new Map<string, string>();
  for (const [rawName, rawValue] of headers) {
    // The library goes on in the next line where one has no colon.
    if (rawName === "" || rawName !== rawName.trim() || rawName.includes("\n"))
      throw new Error("a header without a name");
    const name = meaning(rawName);
    if (!read.has(name)) read.set(name, meaning(rawValue));
  }
  return Object.fromEntries(read);
}
