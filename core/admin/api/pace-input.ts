import { parseDuration, parseRate } from "../../config/index.ts";
import type { Pace } from "../../steering/pace.ts";
import { AdminError } from "../errors.ts";

export interface PaceInput {
  readonly rate?: string | undefined;
  readonly over?: string | undefined;
  readonly jitter: number;
}

/** @throws AdminError */
export function readPace({ rate, over, jitter }: PaceInput): Pace {
  const perSecond = rate === undefined ? 0 : parseRate(rate);
  if (perSecond === undefined || (rate !== undefined && perSecond === 0))
    throw new AdminError("ERR_REQUEST", `expected rate to be such as "50/s" or "600/m", got "${rate}"`);
  const overMs = over === undefined ? 0 : parseDuration(over);
  if (overMs === undefined)
    throw new AdminError(
      "ERR_REQUEST",
      `expected over to be a duration such as "30s" or "5m", got "${over}"`,
    );
  return { overMs, perSecond, jitter };
}
