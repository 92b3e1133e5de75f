import type { z } from "zod";
import { parseShape } from "../../policies/pack/parse-shape.ts";
import { showValue } from "../../policies/shown-value.ts";
import { RecordingError } from "./errors.ts";
import {
  eventLineSchema,
  headerLineSchema,
  RECORDING_TYPE,
  RECORDING_VERSION,
  type RecordedEvent,
  type SessionRecording,
} from "./format.ts";
import { largerThanRead, moreThanRead, NO_BOUNDS, parseWithin, type ReadBounds } from "./read-bounds.ts";
import { readHar } from "./read-har.ts";

/**
 * The sessions of a file: a recording, or a HAR file.
 *
 * @param name of the file, for messages
 * @throws RecordingError that names the line
 */
export function readSessions(text: string, name: string): SessionRecording {
  const reading = readSessionsInSteps(text, name, NO_BOUNDS);
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
  }
}

/** As `readSessions`; others may have their turn between any two steps. */
export function readSessionsInSteps(
  text: string,
  name: string,
  bounds: ReadBounds,
): Generator<void, SessionRecording> {
  const first = text.slice(0, lineEnd(text));
  const read = /^\s*\{\s*"type"/.test(first) ? readRecording : readHar;
  return read(text, name, bounds);
}

function* readRecording(text: string, name: string, bounds: ReadBounds): Generator<void, SessionRecording> {
  const end = lineEnd(text);
  readHeader(text.slice(0, end), name, bounds);
  const events: RecordedEvent[] = [];
  const open = new Set<string>();
  for (let from = end + 1, line = 2; from < text.length; line++) {
    yield;
    const to = lineEnd(text, from);
    const source = text.slice(from, to);
    from = to + 1;
    if (source.trim() === "") continue;
    const read = readLine(source, eventLineSchema, { place: `${name}:${line}`, bounds });
    const event = { ...read, line };
    requireOpen(event, open, name);
    if (events.push(event) > bounds.records) throw moreThanRead(name, bounds.records, "records");
  }
  return { events };
}

function readHeader(source: string, name: string, bounds: ReadBounds): void {
  const version = /"version"\s*:\s*(\d+)/.exec(source)?.[1];
  if (
    source.includes(`"${RECORDING_TYPE}"`) &&
    version !== undefined &&
    Number(version) > RECORDING_VERSION
  ) {
    throw new RecordingError(
      "ERR_RECORDING_VERSION",
      `${name}:1: this recording is of version ${version}, and this Framegate reads version ${RECORDING_VERSION}: replay it with the version that made it.`,
    );
  }
  readLine(source, headerLineSchema, { place: `${name}:1`, bounds });
}

interface At {
  readonly place: string;
  readonly bounds: ReadBounds;
}

function readLine<Schema extends z.ZodType>(
  source: string,
  schema: Schema,
  { place, bounds }: At,
): z.output<Schema> {
  const most = bounds.valuesOfLine;
  let value: unknown;
  try {
    value = parseWithin(source, most, () =>
      largerThanRead(
        `${place}: expected at most ${most.toLocaleString("en")} values of JSON in a line, got more. Take this line out of the file.`,
      ),
    );
  } catch (cause) {
    if (cause instanceof RecordingError) throw cause;
    const message = `${place}: expected a line of JSON, got ${showValue([], source.slice(0, 60))}. Is the file cut off?`;
    throw new RecordingError("ERR_RECORDING_FORMAT", message, { cause });
  }
  if (isDeep(value)) {
    const message = `${place}: what a recording holds is nested ${MAX_DEPTH} deep at most. Take this line out of the file.`;
    throw new RecordingError("ERR_RECORDING_FORMAT", message);
  }
  const parsed = parseShape(schema, value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? "the line" : `\`${issue.path.join(".")}\``;
  const message = `${place}: ${at} is not what a recording holds: ${issue?.message ?? "unknown"}.`;
  throw new RecordingError("ERR_RECORDING_FORMAT", message);
}

/** Whoever compares and writes attributes calls itself for each level. */
const MAX_DEPTH = 200;

function isDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth >= MAX_DEPTH || Object.values(value).some((inner) => isDeep(inner, depth + 1));
}

/** What belongs to a session stands behind its request, once, and before its close. */
function requireOpen(event: RecordedEvent, open: Set<string>, name: string): void {
  if (event.type === "capability") return;
  const { type, session, line } = event;
  const isOpen = open.has(session);
  if (type === "upgrade" ? !isOpen : isOpen) {
    if (type === "upgrade") open.add(session);
    if (type === "close") open.delete(session);
    return;
  }
  const problem =
    type === "upgrade"
      ? `the session ${showValue([], session)} has an upgrade already`
      : `a ${type} of the session ${showValue([], session)}, which has no upgrade before it, or is closed`;
  throw new RecordingError("ERR_RECORDING_FORMAT", `${name}:${line}: ${problem}.`);
}

function lineEnd(text: string, from = 0): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}
