import { FrameImpl, type IRawFrameType, Parser } from "@stomp/stompjs";
import { textOf } from "../../standard/lib/contents.ts";
import type { StompFrame } from "./frame-types.ts";
import { escapeHeader, requireName, requireValue, unescapeHeader } from "./header-text.ts";
import type { FrameBytes } from "./split.ts";

/** Of these the headers have no escapes, for all versions must be able to read them. */
const UNESCAPED = new Set(["CONNECT", "STOMP", "CONNECTED"]);

const LENGTH = "content-length";
const LF = 10;
/** The library takes them one by one, and each is looked at. */
const MAX_LINES = 1_024;
/** In front of a name that the library is not to know. */
const HIDDEN = "\u0001";

/**
 * Throws where it is none.
 *
 * @param endOfLine what a line may end with before its line feed: a carriage return is a part of it in STOMP 1.1
 */
export function parseFrame({ bytes, bodyAt }: FrameBytes, endOfLine: "" | "\r"): StompFrame<string> {
  const head = plainHead(bytes.subarray(0, bodyAt), endOfLine);
  const frames: IRawFrameType[] = [];
  const ignorePing = () => {};
  // The library takes a body byte by byte, a tenth of a second for a megabyte: it is shown a frame without one.
  const withoutBody = head.replaceAll(`\n${LENGTH}:`, `\n${HIDDEN}${LENGTH}:`);
  new Parser((frame) => frames.push(frame), ignorePing).parseChunk(`${withoutBody}\0`);
  const [frame] = frames;
  if (frame === undefined || frames.length > 1) throw new Error("no frame");
  const body = bytes.slice(bodyAt, -1);
  return { command: String(frame.command), headers: readHeaders(frame), body: textOf({ body }) ?? body };
}

/** Text, unless the body is bytes. Throws at what cannot be said in a frame. */
export function writeFrame({ command, headers, body }: StompFrame<string>): string | Uint8Array {
  const { [LENGTH]: length, ...others } = headers;
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
  return typeof written === "string" ? written : new Uint8Array(written);
}

/** The library leaves out each carriage return and each byte order mark, and takes for text what is none. */
function plainHead(bytes: Uint8Array, endOfLine: "" | "\r"): string {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines++;
  if (lines > MAX_LINES) throw new RangeError(`more than ${MAX_LINES} lines of headers`);
  const head = textOf({ body: bytes })?.replaceAll(`${endOfLine}\n`, "\n");
  if (head === undefined || /[\r\uFEFF]/.test(head) || head.includes(HIDDEN))
    throw new Error("headers that are read in two ways");
  return head;
}

/** Of several headers of one name the first counts. */
function readHeaders({ command, headers }: IRawFrameType): Readonly<Record<string, string>> {
  const meaning = UNESCAPED.has(String(command)) ? (text: string) => text : unescapeHeader;
  const read = new Map<string, string>();
  for (const [shownName, rawValue] of headers) {
    const rawName = shownName.replace(HIDDEN, "");
    // The library goes on in the next line where one has no colon.
    if (rawName === "" || rawName !== rawName.trim() || rawName.includes("\n"))
      throw new Error("a header without a name");
    const name = meaning(rawName);
    if (!read.has(name)) read.set(name, meaning(rawValue));
  }
  return Object.fromEntries(read);
}
