/** UTF-8 and base64 in the language itself: the realm has neither, and a crossing to the host costs more for short texts. */

const CHUNK = 8192;

/** Bytes that `text` takes in UTF-8; a lone surrogate counts as U+FFFD. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(i + 1))) {
      length += 4;
      i++;
    } else length += 3;
  }
  return length;
}

/** Write as many whole characters as fit. */
export function writeUtf8(text: string, bytes: Uint8Array): { read: number; written: number } {
  let at = 0;
  let i = 0;
  for (; i < text.length; i++) {
    let point = text.charCodeAt(i);
    let units = 1;
    if (isHighSurrogate(point) && isLowSurrogate(text.charCodeAt(i + 1))) {
      point = 0x10000 + ((point - 0xd800) << 10) + (text.charCodeAt(i + 1) - 0xdc00);
      units = 2;
    } else if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (at + size > bytes.length) break;
    if (size === 1) bytes[at] = point;
    else writeLong(bytes, at, point, size);
    at += size;
    i += units - 1;
  }
  return { read: i, written: at };
}

function writeLong(bytes: Uint8Array, at: number, point: number, size: number): void {
  for (let k = size - 1; k > 0; k--) {
    bytes[at + k] = 0x80 | (point & 0x3f);
    point >>= 6;
  }
  bytes[at] = point | (size === 2 ? 0xc0 : size === 3 ? 0xe0 : 0xf0);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(input: unknown = ""): Uint8Array {
    const text = String(input);
    const bytes = new Uint8Array(utf8Length(text));
    writeUtf8(text, bytes);
    return bytes;
  }

  encodeInto(input: unknown, destination: Uint8Array): { read: number; written: number } {
    if (!(destination instanceof Uint8Array))
      throw new TypeError("encodeInto: the destination is not a Uint8Array");
    return writeUtf8(String(input), destination);
  }
}

class TextDecoder {
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  #rest: number[] = [];
  #bomSeen = false;

  constructor(label: unknown = "utf-8", options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!["utf-8", "utf8", "unicode-1-1-utf-8"].includes(String(label).trim().toLowerCase())) {
      throw new RangeError(`TextDecoder: expected the encoding to be "utf-8", got "${String(label)}"`);
    }
    this.#fatal = Boolean(options.fatal);
    this.#ignoreBOM = Boolean(options.ignoreBOM);
  }

  get encoding(): string {
    return "utf-8";
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input?: ArrayBuffer | ArrayBufferView, options: { stream?: boolean } = {}): string {
    const given = input === undefined ? new Uint8Array(0) : viewBytes(input, "TextDecoder.decode");
    const bytes = this.#rest.length === 0 ? given : Uint8Array.from([...this.#rest, ...given]);
    const end = options.stream ? wholeCharacters(bytes) : bytes.length;
    this.#rest = Array.from(bytes.subarray(end));
    let text = decodeUtf8(bytes.subarray(0, end), this.#fatal);
    if (!this.#ignoreBOM && !this.#bomSeen && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    this.#bomSeen = options.stream ? this.#bomSeen || end > 0 : false;
    return text;
  }
}

export function viewBytes(input: unknown, what: string): Uint8Array {
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (ArrayBuffer.isView(input))
    return new Uint8Array(input.buffer as ArrayBuffer, input.byteOffset, input.byteLength);
  throw new TypeError(`${what}: expected an ArrayBuffer or a view of one`);
}

/** How many bytes remain when a character that is cut off at the end is left out. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return size > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function decodeUtf8(bytes: Uint8Array, fatal: boolean): string {
  let text = "";
  let units: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const point = bytes[i]! < 0x80 ? bytes[i]! : longCharacter(bytes, i);
    if (point < 0) {
      if (fatal) throw new TypeError("The encoded data was not valid for encoding utf-8");
      units.push(0xfffd);
      i += -point;
    } else {
      if (point < 0x10000) units.push(point);
      else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
      i += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
    if (units.length >= CHUNK) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

/** The code point at `i`, or minus the length of the faulty sequence, as the Encoding standard counts it. */
function longCharacter(bytes: Uint8Array, i: number): number {
  const first = bytes[i]!;
  const size =
    first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) === 0xe0 ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (size === 0) return -1;
  let low = 0x80;
  let high = 0xbf;
  if (first === 0xe0) low = 0xa0;
  else if (first === 0xed) high = 0x9f;
  else if (first === 0xf0) low = 0x90;
  else if (first === 0xf4) high = 0x8f;
  let point = first & (0x7f >> size);
  for (let k = 1; k < size; k++) {
    const byte = bytes[i + k];
    if (byte === undefined || byte < low || byte > high) return -k;
    low = 0x80;
    high = 0xbf;
    point = (point << 6) | (byte & 0x3f);
  }
  return point;
}

export function decodeText(bytes: Uint8Array): string {
  return decodeUtf8(bytes, false);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function btoa(input: unknown): string {
  const text = String(input);
  let out = "";
  for (let i = 0; i < text.length; i += 3) {
    const rest = text.length - i;
    const [a, b, c] = [
      text.charCodeAt(i),
      rest > 1 ? text.charCodeAt(i + 1) : 0,
      rest > 2 ? text.charCodeAt(i + 2) : 0,
    ];
    if (a > 255 || b > 255 || c > 255)
      throw new RangeError("btoa: the string holds a character above U+00FF");
    out += ALPHABET[a >> 2]! + ALPHABET[((a & 3) << 4) | (b >> 4)]!;
    out += rest > 1 ? ALPHABET[((b & 15) << 2) | (c >> 6)]! : "=";
    out += rest > 2 ? ALPHABET[c & 63]! : "=";
  }
  return out;
}

function atob(input: unknown): string {
  let text = String(input).replace(/[\t\n\f\r ]/g, "");
  if (text.length % 4 === 0) text = text.replace(/={1,2}$/, "");
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text))
    throw new RangeError("atob: the string is not base64");
  let out = "";
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    bits = (bits << 6) | ALPHABET.indexOf(text[i]!);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += String.fromCharCode((bits >> held) & 255);
      bits &= (1 << held) - 1;
    }
  }
  return out;
}

export const textGlobals = { TextEncoder, TextDecoder, atob, btoa };
