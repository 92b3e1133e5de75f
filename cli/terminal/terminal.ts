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

export function createTerminal({ log, redact }: Pick<GatewayConfig, "log" | "redact">): Terminal {
  const color = wantsColor(process.stdout, process.env);
  const write = (text: string): void => void process.stdout.write(text);
  // Whoever read along is gone: no reason to end.
  process.stdout.on("error", () => {});
  return {
    logger: createLogger({
      ...{ level: log.level, pretty: true, color, destination: { write } },
      rules: compileRedaction(redact),
    }),
    wording: createPeopleWording(),
    paint: createPaint(color),
    write,
  };
}
