import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import type * as PinoPretty from "pino-pretty";
import { showControls } from "../policies/shown-text.ts";
import type { LogLevel } from "./config/options/log-level.ts";
import { createLogOutput } from "./log-output.ts";
import { redactFields } from "./redaction/log-fields.ts";
import { compileRedaction, type RedactionRules, USUAL_REDACTION } from "./redaction/rules.ts";
import { tidyFields } from "./tidy-fields.ts";

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
  /** What must not be logged. Default: the usual secrets. */
  readonly rules?: RedactionRules;
  /** Where lines go in place of stdout. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line on stdout, credentials blotted out. */
export function createLogger({ level, pretty = false, destination, rules }: LoggerOptions): Logger {
  const settings: Settings = { level, rules: rules ?? compileRedaction(USUAL_REDACTION) };
  const options = {
    // Which lines there are is decided before they come here: pino's children keep the level that they began with.
    level: "debug",
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: object) => {
        const redacted = redactFields({ ...fields }, settings.rules);
        return pretty ? tidyFields(redacted) : redacted;
      },
    },
  };
  if (pretty) return wrap(pino(options, prettyStream(destination)), settings);
  if (destination !== undefined) return wrap(pino(options, destination), settings);
  const output = createLogOutput({
    onFailure: tellStderr,
    onRecovery: (count) =>
      logger.warn({ count }, "the log could not be written for a while: lines are missing"),
  });
  const logger = wrap(pino(options, output), settings);
  return logger;
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

/** pino hands neither the fields of a child nor the text of a line to a formatter, so they are redacted here. */
function wrap(logger: PinoLogger, settings: Settings): Logger {
  const method = (level: Exclude<LogLevel, "silent">): LogMethod => {
    return (first: string | LogFields, text?: string) => {
      const { rules } = settings;
      if (SEVERITY[level] < SEVERITY[settings.level]) return;
      if (typeof first === "string") logger[level](rules.redactText(first));
      else logger[level](first, rules.redactText(text ?? ""));
    };
  };
  return {
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    child: (fields) => wrap(logger.child(redactFields(fields, settings.rules)), settings),
    change: (changed) => void Object.assign(settings, changed),
  };
}

/** Loaded only here, for a worker or a service writes for machines. */
function prettyStream(destination: DestinationStream | undefined): DestinationStream {
  const { PinoPretty: createPrettyStream } = createRequire(import.meta.url)(
    "pino-pretty",
  ) as typeof PinoPretty;
  return createPrettyStream({
    sync: true,
    colorize: destination === undefined && process.stdout.isTTY === true,
    translateTime: "SYS:HH:MM:ss.l",
    messageFormat: (record, key) => showMessage(String(record[key] ?? "")),
    ...(destination !== undefined && { destination: destination as NodeJS.WritableStream }),
  });
}

/** A policy may log what a peer sent: that must not look like a line of ours, nor steer the terminal. */
function showMessage(text: string): string {
  return showControls(text.replace(/\r?\n/g, "\n    "));
}
