import { RecordingError } from "./errors.ts";

/** How much is read of a file while others wait. */
export interface ReadBounds {
  readonly records: number;
  /** Of JSON in a HAR file, which is read at once. */
  readonly values: number;
  readonly valuesOfLine: number;
}

export const NO_BOUNDS: ReadBounds = {
  records: Number.POSITIVE_INFINITY,
  values: Number.POSITIVE_INFINITY,
  valuesOfLine: Number.POSITIVE_INFINITY,
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const opensOrParts: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  ["{", "[", ","].includes(String.fromCharCode(code)),
);
const STEP = 0x1_0000;

/**
 * `JSON.parse` takes one turn of the event loop, which is as long as there are values, and not as there are bytes.
 *
 * @param refuse what is thrown for more values than that
 * @throws SyntaxError
 */
export function* parseInSteps(
  text: string,
  most: number,
  refuse: () => RecordingError,
): Generator<void, unknown> {
  if (text.length > most) {
    let values = 0;
    let isText = false;
    for (let at = 0, pause = STEP; at < text.length; at++) {
      if (at >= pause) {
        pause = at + STEP;
        yield;
      }
      const code = text.charCodeAt(at);
      if (code === QUOTE) isText = !isText;
      else if (isText) at += code === BACKSLASH ? 1 : 0;
      else if (opensOrParts[code] && ++values > most) throw refuse();
    }
  }
  return JSON.parse(text);
}

export function moreThanRead(name: string, most: number, what: string): RecordingError {
  const advice = "make the file of fewer sessions, or of a shorter time";
  return largerThanRead(
    `${name}: expected at most ${most.toLocaleString("en")} ${what}, got more: ${advice}.`,
  );
}

export function largerThanRead(message: string): RecordingError {
  return new RecordingError("ERR_RECORDING_SIZE", message);
}
