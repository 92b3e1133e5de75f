import { readFileSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { GatewayConfig } from "../../core/config/index.ts";
import { createLogger, type Logger } from "../../core/log.ts";
import { compileRedaction } from "../../core/redaction/rules.ts";
import { createPaint, type Paint, wantsColor } from "../../core/terminal/style.ts";
import { createPeopleWording, type PeopleWording } from "./words/wording.ts";

/** What a person at a terminal sees of a gateway. */
export interface Terminal {
  readonly logger: Logger;
  readonly wording: PeopleWording;
  readonly paint: Paint;
  write(text: string): void;
}

export function createTerminal({
  log,
  redact,
  policiesDir,
}: Pick<GatewayConfig, "log" | "redact" | "policiesDir">): Terminal {
  const color = wantsColor(process.stdout, process.env);
  const write = (text: string): void => void process.stdout.write(text);
  // Whoever read along is gone: no reason to end.
  process.stdout.on("error", () => {});
  return {
    logger: createLogger({
      ...{ level: log.level, pretty: true, color, folder: process.cwd(), destination: { write } },
      rules: compileRedaction(redact),
    }),
    wording: createPeopleWording(createSourceReader(policiesDir)),
    paint: createPaint(color),
    write,
  };
}

const MAX_SOURCE_BYTES = 1024 ** 2;

/** Stacks are what policies say they are: of all else than policies nothing is read for them. */
export function createSourceReader(policiesDir: string): (file: string) => string {
  return (file) => {
    if (!resolve(file).startsWith(policiesDir + sep)) return "";
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= MAX_SOURCE_BYTES ? readFileSync(file, "utf8") : "";
  };
}
