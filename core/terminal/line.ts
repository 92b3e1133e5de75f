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

export interface TerminalLook {
  readonly paint: Paint;
  /** Paths of files in it are shown as they are from there; "": none. */
  readonly folder: string;
}

/**
 * One event in one line, with the time of day in front; below it the author's lines and stacks, as lines.
 *
 *   17:20:31 hello reloaded in 40 ms
 */
export function renderLine(record: TerminalRecord, time: Date, { paint, folder }: TerminalLook): string {
  const { level, fields } = record;
  const { subject, code, session, frame, stack, err, ...rest } = fields;
  // What others wrote must not look like a line of ours, nor steer the terminal.
  const show = (text: string): string =>
    showControls(folder.length > 1 ? text.replaceAll(`${folder}/`, "") : text);
  const [first = "", ...below] = show(record.text).trimEnd().split(/\r?\n/);
  const asides = [...showFields(rest), ...[code, session].filter(isText)];
  const head = [
    paint("time", time.toTimeString().slice(0, 8)),
    ...(level === "error" || level === "warn" ? [paint(level, level === "warn" ? "warning" : level)] : []),
    ...(isText(subject) ? [paint("subject", show(subject))] : []),
    paintText(level, first, paint),
    ...(asides.length > 0 ? [paint("aside", show(asides.join(" ")))] : []),
  ];
  const stacks = [stack, stackOf(err)].filter(isText).flatMap((each) => show(each).split("\n"));
  const blocks = [
    ...below,
    ...(isText(frame) ? ["", ...paintFrame(show(frame), paint), ""] : []),
    ...stacks.map((line) => paint("aside", line.trim())),
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
