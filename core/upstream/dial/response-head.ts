import { fieldValue, type HeaderFields } from "../../net/headers.ts";

/** Status line and headers of an HTTP/1.1 response, as far as a WebSocket handshake needs them (RFC 9112). */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Names as they came, values trimmed, in order. */
  readonly headers: HeaderFields;
}

/** Larger heads are refused. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** @returns the offset behind the empty line that ends the head, or -1 when it has not come yet */
export function findHeadEnd(bytes: Buffer): number {
  const at = bytes.indexOf("\r\n\r\n");
  return at === -1 ? -1 : at + 4;
}

/** @returns undefined when it is not a response head */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const lines = text.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(lines.shift() ?? "");
  if (status === null) return undefined;
  const headers: [string, string][] = [];
  for (const line of lines) {
    if (line === "") continue;
    const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/.exec(line);
    const name = field?.[1];
    const value = field?.[2];
    // Folded lines and broken names are refused: two readers could understand them differently.
    if (name === undefined || value === undefined || hasControl(value)) return undefined;
    headers.push([name, trimBlanks(value)]);
  }
  return { status: Number(status[1]), statusText: status[2] ?? "", headers };
}

/** See `fieldValue`. */
export function headerValue({ headers }: ResponseHead, name: string): string | undefined {
  return fieldValue(headers, name);
}

/** Spaces and tabs only; a loop, because `[ \t]+$` takes quadratic time on a long run of them inside the value. */
function trimBlanks(value: string): string {
  let from = 0;
  let to = value.length;
  while (from < to && isBlank(value.charAt(from))) from++;
  while (to > from && isBlank(value.charAt(to - 1))) to--;
  return value.slice(from, to);
}

function isBlank(character: string): boolean {
  return character === " " || character === "\t";
}

function hasControl(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((code < 32 && code !== 9) || code === 127) return true;
  }
  return false;
}
