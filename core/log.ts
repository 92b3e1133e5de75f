import { writeSync } from "node:fs";
import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import type { LogLevel } from "./config/options/log-level.ts";
import { createLogOutput } from "./log-output.ts";
import { redactFields } from "./redaction/log-fields.ts";
import { compileRedaction, type RedactionRules, USUAL_REDACTION } from "./redaction/rules.ts";
import { renderLine, type TerminalLook, type TerminalRecord } from "./terminal/line.ts";
import { createPaint } from "./terminal/style.ts";

export type LogFields = Readonly<Record<string, unknown>>;

export interface LogMethod {
  (text: string): void;
  (fields: LogFields, text: string): void;
}

export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** Whether a line of this level would be written. */
  writes(level: TerminalRecord["level"]): boolean;
  /** A logger that adds these fields to each of its lines. */
  child(fields: LogFields): Logger;
  /** From now on, of this logger and of all that share its beginning. */
  change(settings: Partial<LogSettings>): void;
}

export interface LogSettings {
  readonly level: LogLevel;
  /** What must not be logged. */
  readonly rules: RedactionRules;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Lines for people rather than JSON. */
  readonly pretty?: boolean;
  /** Of lines for people. Default: false. */
  readonly color?: boolean;
  /** Of lines for people: paths of files in it are shown as they are from there. Default: none. */
  readonly folder?: string;
  /** What must not be logged. Default: the usual secrets. */
  readonly rules?: RedactionRules;
  /** Where lines go in place of stdout. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line on stdout, credentials blotted out. */
export function createLogger({ level, pretty = false, ...rest }: LoggerOptions): Logger {
  const settings: Settings = { level, rules: rest.rules ?? compileRedaction(USUAL_REDACTION) };
  const output =
    rest.destination ??
    createLogOutput({
      onFailure: tellStderr,
      onRecovery: (count) =>
        logger.warn({ count }, "the log could not be written for a while: lines are missing"),
    });
  const { color = false, folder = "" } = rest;
  const look: TerminalLook = { paint: createPaint(color), folder };
  const lines = pretty
    ? linesForPeople(output, { settings, look, base: {} })
    : pino(optionsOf(settings), output);
  const logger = wrap(lines, settings);
  return logger;
}

function optionsOf(settings: Settings) {
  return {
    // Which lines there are is decided before they come here: pino's children keep the level that they began with.
    level: "debug",
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: object) => redactFields({ ...fields }, settings.rules),
    },
  };
}

/** What a logger and its children share, and `change` writes. */
type Settings = { -readonly [Key in keyof LogSettings]: LogSettings[Key] };

/** The more severe the higher. */
const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** The log itself cannot say it. */
function tellStderr(problem: string): void {
  const text = `framegate: the log cannot be written (${problem}): make room. The gateway goes on, and tries again.\n`;
  try {
    writeSync(2, text);
  } catch {
    // It may well be the same disk.
  }
}

/** Takes lines whose texts are redacted, and redacts their fields. */
interface Lines extends Record<TerminalRecord["level"], (fields: LogFields, text: string) => void> {
  child(fields: LogFields): Lines;
}

interface ForPeople {
  readonly settings: Settings;
  readonly look: TerminalLook;
  /** In each line. */
  readonly base: LogFields;
}

function linesForPeople(output: DestinationStream, how: ForPeople): Lines {
  const method = (level: TerminalRecord["level"]) => (given: LogFields, text: string) => {
    const fields = redactFields({ ...how.base, ...given }, how.settings.rules);
    output.write(renderLine({ level, text, fields }, new Date(), how.look));
  };
  return {
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    child: (fields) => linesForPeople(output, { ...how, base: { ...how.base, ...fields } }),
  };
}

/** pino hands neither the fields of a child nor the text of a line to a formatter, so they are redacted here. */
function wrap(lines: Lines | PinoLogger, settings: Settings): Logger {
  const writes = (level: TerminalRecord["level"]): boolean => SEVERITY[level] >= SEVERITY[settings.level];
  const method = (level: TerminalRecord["level"]): LogMethod => {
    return (first: string | LogFields, text?: string) => {
      const { rules } = settings;
      if (!writes(level)) return;
      if (typeof first === "string") lines[level]({}, rules.redactText(first));
      else lines[level](first, rules.redactText(text ?? ""));
    };
  };
  return {
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    writes,
    child: (fields) => wrap(lines.child(redactFields(fields, settings.rules)), settings),
    change: (changed) => void Object.assign(settings, changed),
  };
}
