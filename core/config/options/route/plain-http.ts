import { choice } from "../schema-parts.ts";
import { durationOrZero } from "../units.ts";

export interface PlainHttp {
  readonly http: "refuse" | "proxy";
  /** 0: unlimited. */
  readonly httpTimeoutMs: number;
}

export const plainHttp = {
  http: choice(["refuse", "proxy"])
    .prefault("refuse")
    .describe("What a plain HTTP request gets: 426, or what the upstream answers to it."),
  httpTimeout: durationOrZero()
    .prefault("1m")
    .describe("Longest time until the server has begun its answer to a plain HTTP request; 0: unlimited."),
};
