import type {
  CloseRecord,
  FrameRecord,
  HookRecord,
  PolicyStep,
  TrafficRecord,
} from "../../../core/traffic/records.ts";
import type { Tone } from "../../parts/basics.tsx";

/** The opcode of Close frames. */
export const CLOSE = 8;

const OPCODE_NAMES: Readonly<Record<number, string>> = {
  0: "continued",
  1: "text",
  2: "binary",
  [CLOSE]: "close",
  9: "ping",
  10: "pong",
};

export function opcodeName(opcode: number): string {
  return OPCODE_NAMES[opcode] ?? `0x${opcode.toString(16)}`;
}

export function outcomeTone(outcome: FrameRecord["outcome"]): Tone {
  switch (outcome) {
    case "spliced":
    case "passed":
      return "";
    case "replaced":
      return "note";
    case "dropped":
      return "warn";
    case "closed":
    case "failed":
      return "bad";
  }
}

export function hookTone(outcome: HookRecord["outcome"]): Tone {
  return outcome === "closed" || outcome === "failed" ? "bad" : "note";
}

const CALLERS = {
  time: "by its time",
  request: "by an operator",
  message: "by its hook of a message",
  tick: "by its tick hook",
} as const satisfies Record<HookRecord["by"], string>;

/** E.g. `tick, by its time`. */
export function hookWords({ hook, by }: Pick<HookRecord, "hook" | "by">): string {
  return `${hook}, ${CALLERS[by]}`;
}

export function actionTone(action: PolicyStep["action"]): Tone {
  switch (action) {
    case "passed":
      return "";
    case "replaced":
    case "replied":
    case "appended":
      return "note";
    case "dropped":
    case "held":
    case "rejected":
      return "warn";
    case "closed":
    case "failed":
      return "bad";
  }
}

export function statusTone(status: number): Tone {
  if (status < 400) return status >= 300 ? "" : "good";
  return status >= 500 ? "bad" : "warn";
}

export function closeTone({ code }: Pick<CloseRecord, "code">): Tone {
  if (code === 1000 || code === 1001) return "";
  if (code === 1002 || code === 1006 || code === 1007 || code === 1011) return "bad";
  return code === 1005 ? "" : "warn";
}

/** What the codes of RFC 6455 and of its registry mean. */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1000: "normal end",
  1001: "going away",
  1002: "protocol error",
  1003: "data not accepted",
  1005: "no code was sent",
  1006: "vanished without a Close",
  1007: "malformed data",
  1008: "against a rule",
  1009: "too big",
  1010: "extension missing",
  1011: "internal error",
  1012: "restart",
  1013: "try again later",
  1014: "bad gateway",
};

export function codeName(code: number): string {
  return CODE_NAMES[code] ?? (code >= 4000 ? "code of the application" : "");
}

/** Who closed it and on what grounds, e.g. `closed by policy limits`, `closed by the client: peer`. */
export function closeWords({
  initiator,
  cause,
  detail,
  policy,
  rule,
}: Pick<CloseRecord, "initiator" | "cause" | "detail" | "policy" | "rule">): string {
  if (initiator === "policy") return `Closed by policy ${policy}${rule === "" ? "" : `: ${rule}`}`;
  if (cause === "admin") return "Closed by an operator";
  const who = `Closed by the ${initiator}`;
  const grounds = [cause === "peer" ? "" : cause, detail].filter((part) => part !== "").join(", ");
  return grounds === "" ? who : `${who}: ${grounds}`;
}

/** What each side was told and said, e.g. `sent 1000, got 1008`. */
export function legCodeWords({ sent, got }: CloseRecord["codes"]["client"]): string {
  const said = [sent !== null && `sent ${sent}`, got !== null && `got ${got}`].filter(
    (each) => each !== false,
  );
  return said.length === 0 ? "no Close frame" : said.join(", ");
}

/** Where it says why: of a message, else of its session. */
export function whyLink(record: TrafficRecord): string {
  const session = `/sessions/${encodeURIComponent(record.session)}/why`;
  return record.kind === "frame" ? `${session}/${record.origin}:${record.sequence}` : session;
}

export function policiesOf(steps: readonly PolicyStep[]): string {
  return steps.map(({ policy, by = policy, action }) => `${by} ${action}`).join(" → ");
}
