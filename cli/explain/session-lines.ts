import type {
  EndingCall,
  ExplainedHook,
  ExplainedMessage,
  ExplainedRoute,
  ExplainedStep,
  SessionExplanation,
} from "../../core/explain/explanation.ts";
import { countOf } from "../../policies/count-of.ts";
import { wordAttributes } from "../admin/print.ts";
import { type ExplainedLine, formatMs } from "./layout.ts";

export function sessionLines({
  upgrade,
  route,
  messages,
  hooks,
  hasMore,
  end,
}: SessionExplanation): ExplainedLine[] {
  const isRefused = upgrade !== null && upgrade.status !== 101;
  return [
    ...(upgrade === null
      ? [
          "Its upgrade is not among what is kept: it was recorded too long ago, or not at all.",
          ["Route", wordRoute(route)],
        ]
      : upgradeLines(upgrade, route)),
    "",
    ...(hasMore ? ["Of its messages and hooks these are the newest."] : []),
    ...(isRefused
      ? ["It was refused: there was no session."]
      : [...messageRows(messages), "", ...hookRows(hooks), ...endLines(end)]),
  ];
}

export function stepLines(steps: readonly ExplainedStep[]): ExplainedLine[] {
  if (steps.length === 0) return [];
  return [
    ["POLICY", "VERSION", "DID", "WAITED", "TOOK", "LINE", "DETAIL"],
    ...steps.map(({ policy, by = policy, version, action, waitedMs, durationMs, place, detail }) => [
      ...[by, version, action, formatMs(waitedMs), formatMs(durationMs), place, detail],
    ]),
  ];
}

function upgradeLines(
  upgrade: NonNullable<SessionExplanation["upgrade"]>,
  route: ExplainedRoute,
): ExplainedLine[] {
  const { method, path, httpVersion, client, time, status, code, detail, durationMs, server } = upgrade;
  const answered =
    status === 101 ? `101 after ${formatMs(durationMs)}` : `${status} after ${formatMs(durationMs)}: ${code}`;
  const attributes = wordAttributes(upgrade.attributes);
  return [
    ["Request", `${method} ${path} HTTP/${httpVersion} from ${client}, ${new Date(time).toISOString()}`],
    ["Route", wordRoute(route)],
    ["Answer", [answered, detail].filter((each) => each !== "").join(", ")],
    ...(server === "" ? [] : [["Server", server]]),
    ...(upgrade.subprotocol === "" ? [] : [["Subprotocol", upgrade.subprotocol]]),
    ...(upgrade.extensions === "" ? [] : [["Extensions", upgrade.extensions]]),
    ...(attributes.length === 0 ? [] : [["Attributes", attributes.join(" ")]]),
    ...stepLines(upgrade.steps),
  ];
}

function wordRoute({ name, state, conditions, otherwise }: ExplainedRoute): string {
  if (name === "") return "none matches";
  if (state === "gone") return `${name} (no longer there)`;
  const why = conditions.map(({ what, expected, got }) => `${what} ${got} fits ${expected || "any"}`);
  const words = [
    state === "changed" ? "it is for others now" : why.join(", "),
    otherwise === "" ? "" : `without it the request comes to ${otherwise}`,
  ].filter((each) => each !== "");
  return words.length === 0 ? name : `${name}: ${words.join("; ")}`;
}

function messageRows(messages: readonly ExplainedMessage[]): ExplainedLine[] {
  if (messages.length === 0) return ["No message is kept."];
  return [
    ["MESSAGE", "KIND", "AFTER", "LENGTH", "OUTCOME", "TOOK", "POLICIES"],
    ...messages.map(({ message, by, kind, sinceStartMs, length, outcome, durationMs, steps }) => [
      ...[
        message,
        by === undefined ? kind : `${kind} (${by})`,
        formatMs(sinceStartMs),
        String(length),
        outcome,
        formatMs(durationMs),
      ],
      steps.map(wordStep).join("; "),
    ]),
  ];
}

function hookRows(hooks: readonly ExplainedHook[]): ExplainedLine[] {
  if (hooks.length === 0) return [];
  return [
    ["HOOK", "CALLED BY", "AFTER", "POLICY", "VERSION", "DID", "TOOK", "SENT", "LINE", "DETAIL"],
    ...hooks.map((called) => {
      const { hook, by, sinceStartMs, policy, version, outcome, durationMs, place, detail } = called;
      return [
        ...[hook, by, formatMs(sinceStartMs), policy, version, outcome, formatMs(durationMs)],
        ...[wordSent(called), place, detail],
      ];
    }),
    "",
  ];
}

function wordSent({ toClient, toServer }: ExplainedHook): string {
  const sides = [
    toClient.length > 0 && `${toClient.length} to the client`,
    toServer.length > 0 && `${toServer.length} to the server`,
  ];
  return sides.filter((each) => each !== false).join(", ");
}

function endLines(end: SessionExplanation["end"]): ExplainedLine[] {
  if (end === null) return ["It is open, or its end is not kept."];
  const { initiator, code, reason, cause, detail, policy, version, rule, codes } = end;
  const { durationMs, messages, bytes, call } = end;
  const isByPolicy = initiator === "policy";
  const who = isByPolicy ? `the policy ${policy}` : `the ${initiator}`;
  const why = detail === "" || detail === policy ? cause : `${cause}: ${detail}`;
  const grounds = isByPolicy && why === "policy" ? "" : ` (${why})`;
  return [
    [
      "End",
      `${code}${reason === "" ? "" : ` "${reason}"`} by ${who}${grounds} after ${formatMs(durationMs)}`,
    ],
    ...(policy === "" ? [] : [["Policy", `${policy}, version ${version}`]]),
    ...(call === null ? [] : [["Call", wordCall(call)]]),
    ...(rule === "" ? [] : [["Rule", rule]]),
    ["Codes", `${wordCodes("client", codes.client)}; ${wordCodes("server", codes.server)}`],
    [
      "Carried",
      `${countOf(messages.client, "message")}, ${countOf(bytes.client, "byte")} of the client; ${countOf(messages.server, "message")}, ${countOf(bytes.server, "byte")} of the server`,
    ],
  ];
}

function wordCall({ message, hook, outcome, detail, place }: EndingCall): string {
  const did = outcome === "closed" ? "closed it" : `failed${detail === "" ? "" : `: ${detail}`}`;
  return [message, `${hook} hook ${did}`, place].filter((each) => each !== "").join(", ");
}

function wordCodes(
  side: "client" | "server",
  { sent, got }: { readonly sent: number | null; readonly got: number | null },
): string {
  return `the ${side} sent ${sent ?? "no Close"} and got ${got ?? "none"}`;
}

function wordStep({ policy, by, action, durationMs, detail }: ExplainedStep): string {
  return `${by ?? policy} ${action}${detail === "" ? "" : ` (${detail})`} ${formatMs(durationMs)}`;
}
