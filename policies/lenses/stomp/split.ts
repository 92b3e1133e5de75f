const NUL = 0;
const LF = 10;
const CR = 13;
/** Of a message: as many as a verdict may have bodies. */
const MAX_FRAMES = 256;

export interface FrameBytes {
  /** With its NUL, and without the line ends before it, which are heart-beats. */
  readonly bytes: Uint8Array;
  /** Behind the empty line. */
  readonly bodyAt: number;
}

export interface FrameSplit {
  readonly frames: readonly FrameBytes[];
  /** The beginning of a frame whose end has not come. */
  readonly rest: Uint8Array;
}

/** Where one frame ends and the next begins (STOMP 1.2, *Frames*). Throws at a length that is none, and at too many. */
export function splitFrames(bytes: Uint8Array): FrameSplit {
  const frames: FrameBytes[] = [];
  let at = skipLineEnds(bytes, 0);
  while (at < bytes.length) {
    const body = bodyOf(bytes, at);
    const end = body === undefined ? undefined : endOf(bytes, at, body);
    if (body === undefined || end === undefined) break;
    if (frames.length === MAX_FRAMES) throw new RangeError(`more than ${MAX_FRAMES} frames`);
    frames.push({ bytes: bytes.subarray(at, end), bodyAt: body - at });
    at = skipLineEnds(bytes, end);
  }
  return { frames, rest: bytes.subarray(at) };
}

function skipLineEnds(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) at++;
  return at;
}

/** Undefined where it has not come. */
function endOf(bytes: Uint8Array, at: number, body: number): number | undefined {
  const length = lengthOf(new TextDecoder().decode(bytes.subarray(at, body)));
  const end = length === undefined ? bytes.indexOf(NUL, body) : body + length;
  if (end === -1 || end >= bytes.length) return undefined;
  if (bytes[end] !== NUL) throw new Error("a body is longer than its content-length");
  return end + 1;
}

/** Undefined where the empty line before it has not come. */
function bodyOf(bytes: Uint8Array, at: number): number | undefined {
  const body = behindEmptyLine(bytes, at);
  const nul = bytes.indexOf(NUL, at);
  if (nul !== -1 && nul < (body ?? bytes.length)) throw new Error("a frame ends in its headers");
  return body;
}

function behindEmptyLine(bytes: Uint8Array, at: number): number | undefined {
  for (let lf = bytes.indexOf(LF, at); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    const next = bytes[lf + 1] === CR ? lf + 2 : lf + 1;
    if (bytes[next] === LF) return next + 1;
  }
  return undefined;
}

/** Of several headers of one name the first counts. */
function lengthOf(head: string): number | undefined {
  const value = /\ncontent-length:([^\r\n]*)/.exec(head)?.[1];
  if (value === undefined) return undefined;
  if (!/^[0-9]{1,9}$/.test(value)) throw new Error("a content-length is no number");
  return Number(value);
}
