import { showControls } from "../../policies/shown-text.ts";
import type { LogLevel } from "../config/options/log-level.ts";
import { showFields } from "./fields.ts";
import { paintFrame } from "./frame.ts";
import type { Paint } from "./style.ts";

export interface TerminalRecord {
  readonly level: Exclude<LogLevel, "silent">;
  readonly text: string;
  /** `subject`: what it is about, in front. `code`, and `session`, an id: at the end. `frame`, `stack` and `err` are lines of their own. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * One event in one line, with the time of day in front; below it the author's lines and stacks, as lines.
 *
 *   17:20:31 hello reloaded in 40 ms
 */
export function renderLine({ level, text, fields }: TerminalRecord, time: Date, paint: Paint): string {
  const { subject, code, session, frame, stack, err, ...rest } = fields;
  const [first = "", ...below] = showControls(text).trimEnd().split(/\r?\n/);
  const asides = [...showFields(rest), ...[code, session].filter(isText)];
  const head = [
    paint("time", time.toTimeString().slice(0, 8)),
    ...(level === "error" || level === "warn" ? [paint(level, level === "warn" ? "warning" : level)] : []),
    ...(isText(subject) ? [paint("subject", showControls(subject))] : []),
    paintText(level, first, paint),
    ...(asides.length > 0 ? [paint("aside", showControls(asides.join(" ")))] : []),
  ];
  const blocks = [
    ...below,
    ...(isText(frame) ? ["", ...paintFrame(showControls(frame), paint), ""] : []),
    ...[stack, stackOf(err)].flatMap((each) =>
      isText(each)
        ? showControls(each)
            .split("\n")
            .map((line) => paint("aside", line.trim()))
        : [],
    ),
  ];
  return `${[head.join(" "), ...blocks.map((line) => (line === "" ? "" : `    ${line}`))].join("\n")}\n`;
}

function paintText(level: TerminalRecord["level"], text: string, paint: Paint): string {
  switch (level) {
    case "error":
    case "warn":
      return paint(level, text);
    case "info":
      return text;
    case "debug":
      return paint("aside", text);
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : "";
}
