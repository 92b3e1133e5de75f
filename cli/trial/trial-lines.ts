import { styleText } from "node:util";
import type { TrialResult } from "../../core/trial/trial.ts";
import type { TrialAsk } from "../../core/trial/trial-broker.ts";
import type { TrialStep } from "../../core/trial/trial-step.ts";
import { viewBody } from "../../core/verdicts/body-view.ts";
import { diffJson, type ValueChange } from "../../core/verdicts/json-diff.ts";
import { showForCi } from "../../policies/shown-text.ts";
import type { Payload } from "../../sandbox/contract/hooks.ts";
import { layOut } from "../admin/print.ts";

/** For people: what each policy did, what came out of it, what was logged, and what was asked for in vain. */
export function printTrial(result: TrialResult): void {
  process.stdout.write(`${trialLines(result).join("\n")}\n`);
}

function trialLines({ call, effect, steps, logs, asks, durationMs }: TrialResult): readonly string[] {
  const isMessage = call.hook === "client" || call.hook === "server";
  return [
    ...stepLines(steps),
    ...(isMessage && call.payload
      ? section(receiverOf(call.hook), messageLines(call.payload, effect.body))
      : []),
    ...(effect.status === undefined ? [] : section("The client gets", [String(effect.status)])),
    ...section(
      "Attributes",
      Object.entries(effect.attributes ?? {}).map(([name, value]) =>
        showForCi(`${name}: ${JSON.stringify(value)}`),
      ),
    ),
    ...section("To the client", effect.toClient.map(bodyLine)),
    ...section("To the server", effect.toServer.map(bodyLine)),
    ...(effect.close
      ? section("Closed", [showForCi(`${effect.close.code} ${effect.close.reason}`.trimEnd())])
      : []),
    ...verdictLines(steps),
    ...section(
      "Console",
      logs.map(({ policy, level, text }) => showForCi(`${policy} ${level}: ${text}`)),
    ),
    ...section("Not performed", asks.map(askLine)),
    "",
    `${formatMs(durationMs)} in all, without the start of the sandbox`,
  ];
}

const STYLES = {
  failed: "red",
  rejected: "yellow",
  dropped: "yellow",
  closed: "yellow",
  replaced: "green",
} as const;

function stepLines(steps: readonly TrialStep[]): string[] {
  if (steps.length === 0) return ["No policy was called."];
  const rows = steps.map(({ policy, version, hook, action, detail, durationMs }) => [
    ...[policy, version.slice(0, 8), hook, action, formatMs(durationMs), detail],
  ]);
  const lines = layOut(rows);
  return steps.flatMap(({ action, stack }, index) => {
    const style = action in STYLES ? STYLES[action as keyof typeof STYLES] : undefined;
    const line = lines[index] ?? "";
    const frames = showForCi(stack)
      .split("\n")
      .filter((frame) => frame.startsWith("    at "));
    return [style === undefined ? line : styleText(style, line), ...frames];
  });
}

function receiverOf(hook: string): string {
  return hook === "client" ? "The server gets" : "The client gets";
}

/** What has changed of it, and the whole of it. */
function messageLines(before: Payload, after: Payload | undefined): string[] {
  if (after === undefined) return ["nothing"];
  const changes = diffJson(viewBody(before), viewBody(after));
  return [...changes.flatMap(changeLines), bodyLine(after)];
}

function changeLines({ path, before, after }: ValueChange): string[] {
  // The root of a body is no name that anybody has written.
  const name = path.replace(/^(?:json|text|base64)\.?/, "");
  const shown = (value: unknown) =>
    showForCi((name === "" ? "" : `${name}: `) + (JSON.stringify(value) ?? ""));
  return [
    ...(before === undefined ? [] : [styleText("red", `- ${shown(before)}`)]),
    ...(after === undefined ? [] : [styleText("green", `+ ${shown(after)}`)]),
  ];
}

function bodyLine({ binary, bytes }: Payload): string {
  const buffer = Buffer.from(bytes);
  return binary ? `${buffer.length} bytes: ${buffer.toString("base64")}` : showForCi(buffer.toString());
}

/** What a verdict says beyond its message: of what is no message all of it. */
function verdictLines(steps: readonly TrialStep[]): string[] {
  const said = steps
    .filter(({ hook, action }) => hook !== "client" && hook !== "server" && action !== "failed")
    .map(({ policy, verdict }) => ({ policy, verdict: verdict(viewBody) }))
    .filter(({ verdict }) => Object.keys(verdict).length > 0);
  return section(
    "Verdicts",
    said.map(({ policy, verdict }) => showForCi(`${policy}: ${JSON.stringify(verdict)}`)),
  );
}

function askLine({ policy, kind, ask, answer, message }: TrialAsk): string {
  const what = ask === "" ? kind : `${kind} ${ask}`;
  return showForCi(`${policy}: ${what}: ${answer === "refused" ? message : ANSWERS[answer]}`);
}

const ANSWERS: Readonly<Record<Exclude<TrialAsk["answer"], "refused">, string>> = {
  recorded: "answered as it was recorded",
  empty: "answered by a store that began empty",
  placeholder: "got a placeholder",
  swallowed: "told to nobody",
};

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ["", styleText("bold", title), ...lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`)];
}

function formatMs(ms: number): string {
  return `${Number(ms.toPrecision(2))} ms`;
}
