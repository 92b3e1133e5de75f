import { choice } from "../schema-parts.ts";
import { durationOrZero } from "../units.ts";

export interface PlainHttp {
  readonly http: "refuse" | "proxy" | "refuse-polling";
  /** 0: unlimited. */
  readonly httpTimeoutMs: number;
}

export const plainHttp = {
  http: choice(["refuse", "proxy", "refuse-polling"])
    .prefault("refuse")
    .describe(
      "What a plain HTTP request gets: 426, or what the upstream answers to it; `refuse-polling`: what the upstream answers, but 426 where it is polling of Socket.IO or SockJS, which carries messages past the hooks for them.",
    ),
  httpTimeout: durationOrZero()
    .prefault("1m")
    .describe("Longest time until the server has begun its answer to a plain HTTP request; 0: unlimited."),
};
