import { parseBounded } from "../../sandbox/bounded-json.ts";
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

/**
 * @param refuse what is thrown for more values than that
 * @throws SyntaxError
 */
export function parseWithin(text: string, most: number, refuse: () => RecordingError): unknown {
  if (text.length <= most) return JSON.parse(text);
  try {
    return parseBounded(text, { length: text.length, values: most });
  } catch (error) {
    throw error instanceof RangeError ? refuse() : error;
  }
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
