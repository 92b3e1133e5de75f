import type {
  CloseRecord,
  FrameRecord,
  PolicyStep,
  TrafficRecord,
  UpgradeRecord,
} from "../../core/traffic/records.ts";
import { describePayloads } from "./describe-payloads.ts";

/** As the admin API has it. */
export interface ExplainedRoute {
  readonly path: string;
  /** "": any. */
  readonly host: string;
}

/** One line of what people read: cells of a table, or a sentence by itself. */
export type ExplainedLine = string | readonly string[];

/** What happened in a session, from its first record to its last: why it is where it is, and what became of each message. */
export function describeSession(
  records: readonly TrafficRecord[],
  route: ExplainedRoute | undefined,
): ExplainedLine[] {
  const [upgrade] = records.filter((record) => record.kind === "upgrade");
  const frames = records.filter((record) => record.kind === "frame");
  const [close] = records.filter((record) => record.kind === "close");
  return [
    ...(upgrade === undefined
      ? ["Its upgrade is not among what is kept: it was recorded too long ago, or not at all."]
      : describeUpgrade(upgrade, route)),
    "",
    ...describeMessages(frames, upgrade?.time),
    "",
    ...describeClose(close),
  ];
}

/** One message: what it was, what each policy did with it, and what left. */
export function describeMessage(frame: FrameRecord): ExplainedLine[] {
  const { origin, sequence, opcode, length, outcome, frames, isCompressed, maskKey, durationMs, steps } =
    frame;
  const how = [
    frames > 1 && `in ${frames} frames`,
    isCompressed && "compressed",
    maskKey !== null && `masked with ${maskKey}`,
  ].filter((each) => each !== false);
  return [
    `Message ${sequence} of the ${origin}, ${new Date(frame.time).toISOString()}: ${kindOf(opcode)}, ${length} bytes${how.map((each) => `, ${each}`).join("")}`,
    `It was ${outcome}, after ${formatMs(durationMs)} in the gateway${waited(frame)}.`,
    ...describeSteps(steps),
    ...describePayloads(frame),
  ];
}

function describeUpgrade(upgrade: UpgradeRecord, route: ExplainedRoute | undefined): ExplainedLine[] {
  const { method, path, httpVersion, client, time, status, code, detail, durationMs, server } = upgrade;
  const answered =
    status === 101 ? `101 after ${formatMs(durationMs)}` : `${status} after ${formatMs(durationMs)}: ${code}`;
  const attributes = Object.entries(upgrade.attributes).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [
    ["Request", `${method} ${path} HTTP/${httpVersion} from ${client}, ${new Date(time).toISOString()}`],
    ["Route", wordRoute(upgrade.route, route)],
    ["Answer", [answered, detail].filter((each) => each !== "").join(", ")],
    ...(server === "" ? [] : [["Server", server]]),
    ...(upgrade.subprotocol === "" ? [] : [["Subprotocol", upgrade.subprotocol]]),
    ...(upgrade.extensions === "" ? [] : [["Extensions", upgrade.extensions]]),
    ...(attributes.length === 0 ? [] : [["Attributes", attributes.join(" ")]]),
    ...describeSteps(upgrade.steps),
  ];
}

function wordRoute(name: string, route: ExplainedRoute | undefined): string {
  if (name === "") return "none matches";
  if (route === undefined) return `${name} (no longer there)`;
  const host = route.host === "" ? "any host" : `the host ${route.host}`;
  return `${name}: it is for the path ${route.path} and ${host}`;
}

function describeMessages(frames: readonly FrameRecord[], since: number | undefined): ExplainedLine[] {
  if (frames.length === 0) return ["No message is kept."];
  const start = since ?? frames[0]?.time ?? 0;
  return [
    ["MESSAGE", "KIND", "AFTER", "LENGTH", "OUTCOME", "POLICIES"],
    ...frames.map(({ origin, sequence, opcode, time, length, outcome, steps }) => [
      `${origin}:${sequence}`,
      kindOf(opcode),
      formatMs(time - start),
      String(length),
      outcome,
      steps.map(wordStep).join("; "),
    ]),
  ];
}

function describeClose(close: CloseRecord | undefined): ExplainedLine[] {
  if (close === undefined) return ["It is open, or its end is not kept."];
  const { initiator, code, reason, cause, detail, policy, version, rule, codes } = close;
  const { durationMs, messages, bytes } = close;
  const who = initiator === "policy" ? `the policy ${policy}` : `the ${initiator}`;
  const why = detail === "" || detail === policy ? cause : `${cause}: ${detail}`;
  return [
    ["End", `${code}${reason === "" ? "" : ` "${reason}"`} by ${who} (${why}) after ${formatMs(durationMs)}`],
    ...(policy === "" ? [] : [["Policy", `${policy}, version ${version}`]]),
    ...(rule === "" ? [] : [["Rule", rule]]),
    ["Codes", `${wordCodes("client", codes.client)}; ${wordCodes("server", codes.server)}`],
    [
      "Carried",
      `${messages.client} messages, ${bytes.client} bytes of the client; ${messages.server}, ${bytes.server} of the server`,
    ],
  ];
}

function wordCodes(side: "client" | "server", { sent, got }: CloseRecord["codes"]["client"]): string {
  return `the ${side} sent ${sent ?? "no Close"} and got ${got ?? "none"}`;
}

function describeSteps(steps: readonly PolicyStep[]): ExplainedLine[] {
  if (steps.length === 0) return [];
  return [
    ["POLICY", "VERSION", "DID", "AFTER", "DETAIL"],
    ...steps.map(({ policy, version, action, durationMs, detail }) => [
      ...[policy, version, action, formatMs(durationMs), detail],
    ]),
  ];
}

function wordStep({ policy, action, durationMs, detail }: PolicyStep): string {
  return `${policy} ${action}${detail === "" ? "" : ` (${detail})`} ${formatMs(durationMs)}`;
}

/** What is not the policies' is waiting for those before it, and for its turn. */
function waited({ durationMs, steps }: FrameRecord): string {
  const inPolicies = steps.reduce((sum, step) => sum + step.durationMs, 0);
  return steps.length === 0 ? "" : `, of which ${formatMs(Math.max(0, durationMs - inPolicies))} waiting`;
}

const KINDS: Readonly<Record<number, string>> = {
  0: "fragment",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

function kindOf(opcode: number): string {
  return KINDS[opcode] ?? `opcode ${opcode}`;
}

function formatMs(ms: number): string {
  if (ms < 10_000) return `${Number(ms.toPrecision(ms < 1 ? 2 : 3))} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}
